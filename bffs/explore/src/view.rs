//! What explore's pages and fragments show.

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::upstream::{self, Prices};

/// The home page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Home {
    /// In the shop's order
    pub categories: Vec<Category>,
    /// The first products
    pub products: Vec<Card>,
}

/// A category's page.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryPage {
    /// The category
    #[serde(flatten)]
    pub category: Category,
    /// Some of its products
    pub products: Vec<Card>,
    /// Where the next ones begin; null where there are none
    pub next: Option<String>,
}

/// What the header links to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Header {
    /// In the shop's order
    pub categories: Vec<Link>,
}

/// A category by its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Link {
    /// Its name in addresses
    pub slug: String,
    /// Its name for people
    pub name: String,
}

/// A category.
#[derive(Debug, Serialize, ToSchema)]
pub struct Category {
    /// Its name in addresses
    pub slug: String,
    /// Its name for people
    pub name: String,
    /// A sentence about it
    pub summary: String,
}

/// A product among others.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct Card {
    /// Its name in addresses
    pub slug: String,
    /// Its name for people
    pub name: String,
    /// Who made it
    pub maker: String,
    /// The name of its set of pictures
    pub picture: Option<String>,
    /// What it costs, if that is known now
    pub price: Option<Price>,
}

/// What a product costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Price {
    /// Whether other variants cost more
    pub from: bool,
    /// The lowest price of its variants
    pub price: Money,
}

impl Price {
    fn of(variants: &[upstream::Variant], prices: &Prices) -> Option<Self> {
        let known = || variants.iter().filter_map(|variant| prices.of(&variant.sku));
        let price = known().min_by_key(|price| price.minor)?;
        Some(Self {
            from: known().any(|other| other != price),
            price,
        })
    }
}

/// The cards of products, in the same order.
pub fn cards(products: Vec<upstream::Product>, prices: &Prices) -> Vec<Card> {
    let card = |product: upstream::Product| Card {
        price: Price::of(&product.variants, prices),
        slug: product.slug,
        name: product.name,
        maker: product.maker,
        picture: product.picture,
    };
    products.into_iter().map(card).collect()
}

impl From<upstream::Category> for Category {
    fn from(category: upstream::Category) -> Self {
        Self {
            slug: category.slug,
            name: category.name,
            summary: category.summary,
        }
    }
}

impl From<upstream::Category> for Link {
    fn from(category: upstream::Category) -> Self {
        Self {
            slug: category.slug,
            name: category.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::*;

    fn price(variants: &[(&str, Option<i64>)]) -> Option<(bool, i64)> {
        let known = variants
            .iter()
            .filter_map(|(sku, minor)| minor.map(|minor| ((*sku).to_owned(), Money::new(minor, Currency::Eur))));
        let prices: Prices = known.collect();
        let variants: Vec<_> = variants
            .iter()
            .map(|(sku, _)| upstream::Variant { sku: (*sku).to_owned() })
            .collect();
        Price::of(&variants, &prices).map(|price| (price.from, price.price.minor))
    }

    #[test]
    fn the_lowest_known_price_stands_for_all() {
        assert_eq!(price(&[("a", Some(5200)), ("b", Some(4800))]), Some((true, 4800)));
        assert_eq!(price(&[("a", Some(4800)), ("b", Some(4800))]), Some((false, 4800)));
        assert_eq!(price(&[("a", None), ("b", Some(0))]), Some((false, 0)));
        assert_eq!(price(&[("a", None)]), None);
        assert_eq!(price(&[]), None);
    }
}
