//! A shop where an order can be picked up.

use serde::Serialize;
use utoipa::ToSchema;

use crate::upstream;

/// A shop where an order can be picked up.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shop {
    /// Slug; the value of the form field `shop`
    pub slug: String,
    /// Name shown to shoppers
    pub name: String,
    /// Address
    pub address: ShopAddress,
    /// Opening hours
    pub hours: Vec<OpeningHours>,
}

/// The address of a shop.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShopAddress {
    /// Street and house number
    pub line1: String,
    /// Postal code
    pub postal_code: String,
    /// City
    pub city: String,
}

/// The opening hours of some days.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpeningHours {
    /// Days, for example `Tuesday to Friday`
    pub days: String,
    /// Hours, for example `11:00–19:00`
    pub hours: String,
}

impl From<upstream::Shop> for Shop {
    fn from(shop: upstream::Shop) -> Self {
        let hours = shop.hours.into_iter().map(|entry| OpeningHours {
            days: entry.days,
            hours: entry.hours,
        });
        Self {
            slug: shop.slug,
            name: shop.name,
            address: ShopAddress {
                line1: shop.address.line1,
                postal_code: shop.address.postal_code,
                city: shop.address.city,
            },
            hours: hours.collect(),
        }
    }
}
