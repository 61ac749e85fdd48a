//! The page of the shops.

use serde::Serialize;
use utoipa::ToSchema;

use crate::upstream;

/// The page of the shops.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoresPage {
    /// All shops, ordered by position.
    pub shops: Vec<Shop>,
}

/// A physical shop that customers can visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shop {
    /// The shop's slug, for example `berlin`.
    pub slug: String,
    /// The name that shoppers see.
    pub name: String,
    /// The shop's postal address.
    pub address: Address,
    /// Opening hours, one entry for each day or range of days.
    pub hours: Vec<OpeningHours>,
    /// Other information for visitors, or null.
    pub note: Option<String>,
    /// Latitude in degrees (WGS 84). Positive is north.
    pub latitude: f64,
    /// Longitude in degrees (WGS 84). Positive is east.
    pub longitude: f64,
}

/// A postal address.
#[derive(Debug, Serialize, ToSchema)]
pub struct Address {
    /// Street and house number.
    pub line1: String,
    /// Postal code.
    pub postal_code: String,
    /// City or town.
    pub city: String,
    /// ISO 3166-1 alpha-2 country code.
    pub country: String,
}

/// Opening hours on one day or a range of days.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpeningHours {
    /// The days as text, for example `Mon–Fri`.
    pub days: String,
    /// The hours as text, for example `11:00–19:00` or `closed`.
    pub hours: String,
}

impl From<upstream::Shop> for Shop {
    fn from(shop: upstream::Shop) -> Self {
        let line = |line: upstream::OpeningHours| OpeningHours {
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
