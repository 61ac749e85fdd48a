//! Physical shops.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::{CountryCode, Malformed, Slug, Text, Violation};

use super::Name;

const MAX_OPENING_HOURS: usize = 14;

/// A physical shop that customers can visit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Shop {
    /// The shop's slug, for example `berlin`.
    pub slug: Slug,
    /// The name that shoppers see.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// The shop's postal address.
    pub address: Address,
    /// Opening hours, one entry for each day or range of days, at most 14.
    #[schema(max_items = 14)]
    pub hours: Vec<OpeningHours>,
    /// Other information for visitors, at most 500 characters, or null.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub note: Option<Text<500>>,
    /// Latitude in degrees ([WGS 84](https://epsg.io/4326)). Positive is north.
    #[schema(value_type = f64, minimum = -90, maximum = 90)]
    pub latitude: Latitude,
    /// Longitude in degrees ([WGS 84](https://epsg.io/4326)). Positive is east.
    #[schema(value_type = f64, minimum = -180, maximum = 180)]
    pub longitude: Longitude,
    /// Sort position in the list of shops, 0 to 65,535, ascending. Shops with the same position are ordered by slug.
    pub position: u16,
}

/// A postal address.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Address {
    /// Street and house number.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub line1: Name,
    /// Postal code.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub postal_code: Name,
    /// City or town.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub city: Name,
    /// ISO 3166-1 alpha-2 country code.
    #[schema(value_type = String, pattern = "^[A-Z]{2}$")]
    pub country: CountryCode,
}

/// Opening hours on one day or a range of days.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct OpeningHours {
    /// The days as text, for example `Mon–Fri`.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub days: Name,
    /// The hours as text, for example `11:00–19:00` or `closed`.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub hours: Name,
}

impl Shop {
    /// Checks the rules that the types of the fields cannot express. Empty if the shop is valid.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        if self.hours.len() > MAX_OPENING_HOURS {
            vec![Violation::new("/hours", "There must be at most 14 entries.")]
        } else {
            Vec::new()
        }
    }
}

/// An angle from `-MAX` to `MAX` degrees.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "f64")]
pub struct Degrees<const MAX: u8>(f64);

impl<const MAX: u8> Degrees<MAX> {
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl<const MAX: u8> TryFrom<f64> for Degrees<MAX> {
    type Error = Malformed;

    fn try_from(degrees: f64) -> Result<Self, Malformed> {
        // A range never contains NaN.
        if (-f64::from(MAX)..=f64::from(MAX)).contains(&degrees) {
            Ok(Self(degrees))
        } else {
            Err(Malformed::Rule(if MAX == 90 {
                "must be -90 to 90 degrees"
            } else {
                "must be -180 to 180 degrees"
            }))
        }
    }
}

pub type Latitude = Degrees<90>;
pub type Longitude = Degrees<180>;
