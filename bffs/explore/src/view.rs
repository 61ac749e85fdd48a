//! What explore's pages and fragments show.

use money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub mod price_order;
pub mod recommendations;
pub mod stores;
pub mod terms;

use crate::upstream::{self, Prices};

/// The home page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Home {
    /// In the shop's order
    pub categories: Vec<Category>,
    /// In the shop's order; none where they do not come in time
    pub stories: Vec<Story>,
    /// The newest products
    pub products: Vec<Card>,
}

/// A category's page.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryPage {
    /// The category
    #[serde(flatten)]
    pub category: Category,
    /// The order of its products
    pub sort: Sort,
    /// How many products it has
    pub total: u64,
    /// Some of its products
    pub products: Vec<Card>,
    /// Where the next ones begin; null where there are none
    pub next: Option<String>,
}

/// The order of a category's products.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// The newest first
    #[default]
    Newest,
    /// By name
    Name,
    /// The cheapest first
    Price,
    /// The dearest first
    #[serde(rename = "-price")]
    Dearest,
}

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Search {
    /// What was looked for
    pub q: String,
    /// How many products were found
    pub total: u64,
    /// Some of them, by name
    pub products: Vec<Card>,
    /// Where the next ones begin; null where there are none
    pub next: Option<String>,
    /// Where else to look, in the shop's order; empty where something was found
    pub categories: Vec<Link>,
}

/// What stands well beside other products.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recommendations {
    /// Up to four, the best first
    pub products: Vec<Card>,
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
    /// The name of its set of pictures
    pub picture: Option<String>,
}

/// Something to tell.
#[derive(Debug, Serialize, ToSchema)]
pub struct Story {
    /// Its name in addresses
    pub slug: String,
    /// What it is called
    pub title: String,
    /// The story
    pub text: String,
    /// The name of its set of pictures
    pub picture: Option<String>,
    /// What the picture shows
    pub alt: String,
    /// Where it leads
    pub link: Onward,
}

/// A way to another page of the shop.
#[derive(Debug, Serialize, ToSchema)]
pub struct Onward {
    /// What it is called
    pub label: String,
    /// A path
    pub href: String,
}

/// A product among others.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct Card {
    /// Its name in addresses
    pub slug: String,
    /// Its name for people
    pub name: String,
    /// Who made it, or whose brand it is, if that is told
    pub vendor: Option<String>,
    /// The name of its set of pictures
    pub picture: Option<String>,
    /// What it costs, if that is known now
    pub price: Option<Price>,
}

/// What a product costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the words of the contract")]
pub struct Price {
    /// Whether other variants cost more
    pub from: bool,
    /// The lowest price of its variants
    pub price: Money,
    /// What that one cost before, if that is told
    pub compare_at: Option<Money>,
}

impl Price {
    fn of(variants: &[upstream::Variant], prices: &Prices) -> Option<Self> {
        let known = || variants.iter().filter_map(|variant| prices.of(&variant.sku));
        let (price, compare_at) = known().min_by_key(|(price, _)| price.minor)?;
        Some(Self {
            from: known().any(|(other, _)| other != price),
            price,
            compare_at,
        })
    }
}

/// The cards of products, in the same order.
pub fn cards(products: Vec<upstream::Product>, prices: &Prices) -> Vec<Card> {
    let card = |product: upstream::Product| Card {
        price: Price::of(&product.variants, prices),
        slug: product.slug,
        name: product.name,
        vendor: product.vendor,
        picture: product.pictures.into_iter().next().map(|picture| picture.name),
    };
    products.into_iter().map(card).collect()
}

impl From<upstream::Category> for Category {
    fn from(category: upstream::Category) -> Self {
        Self {
            slug: category.slug,
            name: category.name,
            summary: category.summary,
            picture: category.picture,
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

impl From<upstream::Story> for Story {
    fn from(story: upstream::Story) -> Self {
        Self {
            slug: story.slug,
            title: story.title,
            text: story.text,
            picture: story.picture,
            alt: story.alt,
            link: Onward {
                label: story.link.label,
                href: story.link.href,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::*;

    fn price(variants: &[(&str, Option<i64>)]) -> Option<(bool, i64)> {
        let known = variants.iter().filter_map(|(sku, minor)| {
            minor.map(|minor| ((*sku).to_owned(), (Money::new(minor, Currency::Eur), None)))
        });
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
