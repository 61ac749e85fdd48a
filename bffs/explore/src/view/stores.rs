//! The shops page.

use serde::Serialize;
use utoipa::ToSchema;

use crate::upstream;

/// Where one can walk in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stores {
    /// In the shop's order
    pub shops: Vec<Shop>,
}

/// A shop with a door.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shop {
    /// Its name in addresses
    pub slug: String,
    /// Its name for people
    pub name: String,
    /// Where it is
    pub address: Address,
    /// When it is open
    pub hours: Vec<Hours>,
    /// What else to know
    pub note: Option<String>,
    /// Degrees north
    pub latitude: f64,
    /// Degrees east
    pub longitude: f64,
}

/// Where a shop is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Address {
    /// Street and number
    pub line1: String,
    /// Postal code
    pub postal_code: String,
    /// Town
    pub city: String,
    /// ISO 3166-1 code
    pub country: String,
}

/// When a shop is open on some days.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hours {
    /// On which days
    pub days: String,
    /// From when to when
    pub hours: String,
}

impl From<upstream::Shop> for Shop {
    fn from(shop: upstream::Shop) -> Self {
        let line = |line: upstream::Hours| Hours {
            days: line.days,
            hours: line.hours,
        };
        Self {
            slug: shop.slug,
            name: shop.name,
            address: Address {
                line1: shop.address.line1,
                postal_code: shop.address.postal_code,
                city: shop.address.city,
                country: shop.address.country,
            },
            hours: shop.hours.into_iter().map(line).collect(),
            note: shop.note,
            latitude: shop.latitude,
            longitude: shop.longitude,
        }
    }
}
