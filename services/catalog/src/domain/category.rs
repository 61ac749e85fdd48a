//! Categories.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Name, Slug, Summary};

/// A shelf of the shop.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Category {
    /// Its name in addresses
    pub slug: Slug,
    /// Its name for people
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// A sentence about it
    #[serde(default)]
    #[schema(value_type = String, max_length = 500)]
    pub summary: Summary,
    /// Its place among the others, ascending
    pub position: u16,
    /// The name of its picture
    #[serde(default)]
    pub picture: Option<Slug>,
}
