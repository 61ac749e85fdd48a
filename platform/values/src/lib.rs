//! Values that come from outside and that every part checks in the same way, and the clock.
//!
//! | what | how |
//! |---|---|
//! | a text with a fixed grammar | [`Slug`], [`Code`], [`Email`], [`CountryCode`] |
//! | a text for people | [`Line`], [`Text`] |
//! | a part's own text type, such as a SKU | [`text_type!`] |
//! | why a text is refused | [`Malformed`] |
//! | a rule that a field breaks | [`Violation`] |
//! | the time | [`Clock`] |
//!
//! Invariants: a value of one of these types has been checked, and is checked again when it is deserialized. Lengths are
//! counted in characters. Texts have no invisible characters, so two texts that look the same are the same.

#![warn(missing_docs)]

mod clock;
pub mod grammar;
mod malformed;
mod types;
mod violation;

pub use clock::Clock;
pub use malformed::Malformed;
pub use types::{Code, CountryCode, Email, Line, Slug, Text};
pub use violation::Violation;
