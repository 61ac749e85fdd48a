//! Categories.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::Slug;

use super::{Name, Summary};

/// A category of products.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Category {
    /// The category's slug, for example `vases`. It identifies the category and is part of its page's address.
    pub slug: Slug,
    /// The name that shoppers see.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// A short description, at most 500 characters. Empty by default.
    #[serde(default)]
    #[schema(value_type = String, max_length = 500)]
    pub summary: Summary,
    /// Sort position in the list of categories, 0 to 65,535, ascending. Categories with the same position are ordered by slug.
    pub position: u16,
    /// The name of the category's picture, or null.
    #[serde(default)]
    pub picture: Option<Slug>,
}
