//! A shop that keeps an order until it is picked up.

use serde::Serialize;
use utoipa::ToSchema;

use crate::upstream;

/// A shop with a door.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shop {
    /// Its name in forms
    pub slug: String,
    /// Its name for people
    pub name: String,
    /// Where it is
    pub address: Place,
    /// When it is open
    pub hours: Vec<Hours>,
}

/// Where a shop is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Place {
    /// Street and number
    pub line1: String,
    /// Postal code
    pub postal_code: String,
    /// Town
    pub city: String,
}

/// When a shop is open on some days.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hours {
    /// On which: `Tuesday to Friday`
    pub days: String,
    /// From when to when: `11:00–19:00`
    pub hours: String,
}

impl From<upstream::Shop> for Shop {
    fn from(shop: upstream::Shop) -> Self {
        let hours = shop.hours.into_iter().map(|line| Hours {
            days: line.days,
            hours: line.hours,
        });
        Self {
            slug: shop.slug,
            name: shop.name,
            address: Place {
                line1: shop.address.line1,
                postal_code: shop.address.postal_code,
                city: shop.address.city,
            },
            hours: hours.collect(),
        }
    }
}
