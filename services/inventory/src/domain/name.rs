//! Names: parsed at the door, and sound from then on.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a value is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(super) &'static str);

/// A stock keeping unit: the name of what can be bought, any printable text, compared exactly.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(min_length = 1, max_length = 64)]
pub struct Sku(String);

impl Sku {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sku {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::code(&text, 64).map(Self)
    }
}

impl fmt::Display for Sku {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Where units are: the warehouse, a shop. `main` where nothing else is said.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 64, default = "main")]
pub struct Location(String);

impl Location {
    const MAIN: &str = "main";

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the one that is meant where nothing else is said.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.0 == Self::MAIN
    }
}

impl Default for Location {
    fn default() -> Self {
        Self(Self::MAIN.to_owned())
    }
}

impl TryFrom<String> for Location {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::slug(&text, 64).map(Self)
    }
}

/// The place of one SKU at one location.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Shelf {
    /// What is there
    pub sku: Sku,
    /// Where it is
    pub location: Location,
}

/// Why units have come back, for people: 1 to 200 characters.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(min_length = 1, max_length = 200)]
pub struct Reason(String);

impl Reason {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reason {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::line(&text, 200).map(Self)
    }
}
