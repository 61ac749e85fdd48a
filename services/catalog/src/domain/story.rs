//! Stories of the home page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::{Slug, Text};

use super::{AltText, Href, Name};

/// An editorial story for the home page, with a link to a page of the shop.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Story {
    /// The story's slug, for example `studio-onda`.
    pub slug: Slug,
    /// The headline.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub title: Name,
    /// The body as plain text, 1 to 1,000 characters.
    #[schema(value_type = String, min_length = 1, max_length = 1000)]
    pub text: Text<1000>,
    /// The name of the story's picture, or null.
    pub picture: Option<Slug>,
    /// Alternative text of the picture. Empty when the picture adds nothing to the text.
    #[schema(value_type = String, max_length = 512)]
    pub alt: AltText,
    /// The page that the story links to.
    pub link: StoryLink,
    /// Sort position in the list of stories, 0 to 65,535, ascending. Stories with the same position are ordered by slug.
    pub position: u16,
}

/// A link from a story to another page of the shop.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct StoryLink {
    /// The text of the link.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub label: Name,
    /// A path in this shop, for example `/category/vases`. Links to other hosts are rejected.
    #[schema(value_type = String, pattern = "^/([^/].*)?$", max_length = 300)]
    pub href: Href,
}
