//! Validated texts: SKUs, locations and reasons.

use values::{grammar, text_type};

text_type!(
    /// A stock keeping unit: any printable text of 1 to 64 characters, compared exactly.
    #[schema(min_length = 1, max_length = 64)]
    pub struct Sku(|text| grammar::code(text, 64));
);

text_type!(
    /// A stock location, for example a warehouse or a store: lower-case letters and digits in groups joined by hyphens.
    /// The default location is `main`.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 64, default = "main")]
    pub struct Location(|text| grammar::slug(text, 64));
);

impl Location {
    const MAIN: &str = "main";

    /// Whether this is the default location.
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

/// Identifies the inventory level of one SKU at one location: a row of the table `shelves`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Shelf {
    /// The SKU.
    pub sku: Sku,
    /// The location.
    pub location: Location,
}

text_type!(
    /// Why units were returned, in words: 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub struct RestockReason(|text| grammar::line(text, 200));
);
