//! Stories.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text::Text;
use super::{Alt, Href, Name, Slug};

/// Something to tell, with a way to what it is about.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Story {
    /// Its name in addresses
    pub slug: Slug,
    /// What it is called
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub title: Name,
    /// The story
    #[schema(value_type = String, min_length = 1, max_length = 1000)]
    pub text: Text<1000>,
    /// The name of its picture
    pub picture: Option<Slug>,
    /// What the picture shows, for who cannot see it
    #[schema(value_type = String, max_length = 512)]
    pub alt: Alt,
    /// Where it leads
    pub link: Link,
    /// Its place among the others, ascending
    pub position: u16,
}

/// A way to another page of the shop.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[schema(as = StoryLink)]
pub struct Link {
    /// What it is called
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub label: Name,
    /// Where it leads: a path
    #[schema(value_type = String, pattern = "^/([^/].*)?$", max_length = 300)]
    pub href: Href,
}
