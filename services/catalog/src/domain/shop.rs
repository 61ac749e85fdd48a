//! Shops: where one can walk in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Country, Malformed, Name, Slug, Text, Violation};

/// Lines of opening hours at most.
const LINES: usize = 14;

/// A shop with a door.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Shop {
    /// Its name in addresses
    pub slug: Slug,
    /// Its name for people
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// Where it is
    pub address: Address,
    /// When it is open
    #[schema(max_items = 14)]
    pub hours: Vec<Hours>,
    /// What else to know before one goes there
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub note: Option<Text<500>>,
    /// Degrees north ([WGS 84](https://epsg.io/4326))
    #[schema(value_type = f64, minimum = -90, maximum = 90)]
    pub latitude: Latitude,
    /// Degrees east
    #[schema(value_type = f64, minimum = -180, maximum = 180)]
    pub longitude: Longitude,
    /// Its place among the others, ascending
    pub position: u16,
}

/// Where a shop is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Address {
    /// Street and number
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub line1: Name,
    /// Postal code
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub postal_code: Name,
    /// Town
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub city: Name,
    /// ISO 3166-1 code
    #[schema(value_type = String, pattern = "^[A-Z]{2}$")]
    pub country: Country,
}

/// When a shop is open on some days.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Hours {
    /// On which days: `Mon–Fri`
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub days: Name,
    /// From when to when: `11:00–19:00`
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub hours: Name,
}

impl Shop {
    /// The rules that its fields break taken together, none where it is sound.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        if self.hours.len() > LINES {
            vec![Violation::new("/hours", "There must be at most 14 lines.")]
        } else {
            Vec::new()
        }
    }
}

/// An angle of at most `MAX` degrees to either side.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "f64")]
pub struct Degrees<const MAX: u8>(f64);

impl<const MAX: u8> Degrees<MAX> {
    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl<const MAX: u8> TryFrom<f64> for Degrees<MAX> {
    type Error = Malformed;

    fn try_from(degrees: f64) -> Result<Self, Malformed> {
        // No number is in no range.
        if (-f64::from(MAX)..=f64::from(MAX)).contains(&degrees) {
            Ok(Self(degrees))
        } else {
            Err(Malformed::new(format!("must be -{MAX} to {MAX} degrees")))
        }
    }
}

/// How far north of the equator.
pub type Latitude = Degrees<90>;
/// How far east of Greenwich.
pub type Longitude = Degrees<180>;
