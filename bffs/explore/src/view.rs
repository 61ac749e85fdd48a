//! The data of explore's pages and fragments.

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
pub struct HomePage {
    /// All categories, ordered by position.
    pub categories: Vec<Category>,
    /// All stories, ordered by position. Empty if they are not available in time.
    pub stories: Vec<Story>,
    /// The eight newest products.
    pub products: Vec<ProductCard>,
}

/// A category with a page of its products.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryPage {
    /// The category.
    #[serde(flatten)]
    pub category: Category,
    /// The sort order of the products.
    pub sort: Sort,
    /// The number of products in the category.
    pub total: u64,
    /// The products of this page.
    pub products: Vec<ProductCard>,
    /// The value of `after` for the next page; null on the last page.
    pub next: Option<String>,
}

/// The sort order of a category's products: newest first, by name, or by price (`price`: lowest first, `-price`: highest
/// first).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    #[default]
    Newest,
    Name,
    #[serde(rename = "price")]
    PriceAscending,
    #[serde(rename = "-price")]
    PriceDescending,
}

/// The results of a search.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchPage {
    /// The search terms that were used.
    pub q: String,
    /// The number of products that were found.
    pub total: u64,
    /// The products of this page, ordered by name.
    pub products: Vec<ProductCard>,
    /// The value of `after` for the next page; null on the last page.
    pub next: Option<String>,
    /// Categories to browse instead, ordered by position. Empty if products were found.
    pub categories: Vec<CategoryLink>,
}

/// Recommended products.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recommendations {
    /// Up to four products, the most relevant first.
    pub products: Vec<ProductCard>,
}

/// The links of the page header.
#[derive(Debug, Serialize, ToSchema)]
pub struct Header {
    /// All categories, ordered by position.
    pub categories: Vec<CategoryLink>,
}

/// A link to a category.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryLink {
    /// The category's slug, for example `vases`.
    pub slug: String,
    /// The name that shoppers see.
    pub name: String,
}

/// A category of products.
#[derive(Debug, Serialize, ToSchema)]
pub struct Category {
    /// The category's slug, for example `vases`.
    pub slug: String,
    /// The name that shoppers see.
    pub name: String,
    /// A short description. May be empty.
    pub summary: String,
    /// The name of the category's set of image files, or null.
    pub picture: Option<String>,
}

/// An editorial story.
#[derive(Debug, Serialize, ToSchema)]
pub struct Story {
    /// The story's slug, for example `studio-onda`.
    pub slug: String,
    /// The headline.
    pub title: String,
    /// The body as plain text.
    pub text: String,
    /// The name of the story's set of image files, or null.
    pub picture: Option<String>,
    /// Alternative text of the picture. May be empty.
    pub alt: String,
    /// The page that the story links to.
    pub link: StoryLink,
}

/// A link from a story to another page of the shop.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoryLink {
    /// The text of the link.
    pub label: String,
    /// A path in this shop, for example `/category/vases`.
    pub href: String,
}

/// A product in a list.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct ProductCard {
    /// The product's slug, for example `onda-vase`.
    pub slug: String,
    /// The name that shoppers see.
    pub name: String,
    /// The manufacturer or brand, or null.
    pub vendor: Option<String>,
    /// The name of the main picture's set of image files, or null.
    pub picture: Option<String>,
    /// The price; null if it is not available in time or no variant has one.
    pub price: Option<CardPrice>,
}

/// The price of a product, taken from its cheapest variant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct CardPrice {
    /// Whether other variants cost more, so that the price is shown as "from".
    pub from: bool,
    /// The lowest price of the variants, including tax.
    pub price: Money,
    /// The previous price of that variant, or null.
    pub compare_at: Option<Money>,
}

impl CardPrice {
    fn of(variants: &[upstream::Variant], prices: &Prices) -> Option<Self> {
        let known = || variants.iter().filter_map(|variant| prices.get(&variant.sku));
        let (price, compare_at) = known().min_by_key(|(price, _)| price.minor)?;
        Some(Self {
            from: known().any(|(other, _)| other != price),
            price,
            compare_at,
        })
    }
}

/// Makes product cards, in the same order.
pub fn cards(products: Vec<upstream::Product>, prices: &Prices) -> Vec<ProductCard> {
    let card = |product: upstream::Product| ProductCard {
        price: CardPrice::of(&product.variants, prices),
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

impl From<upstream::Category> for CategoryLink {
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
            link: StoryLink {
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
        CardPrice::of(&variants, &prices).map(|price| (price.from, price.price.minor))
    }

    #[test]
    fn product_has_the_lowest_known_price_of_its_variants() {
        assert_eq!(price(&[("a", Some(5200)), ("b", Some(4800))]), Some((true, 4800)));
        assert_eq!(price(&[("a", Some(4800)), ("b", Some(4800))]), Some((false, 4800)));
        assert_eq!(price(&[("a", None), ("b", Some(0))]), Some((false, 0)));
        assert_eq!(price(&[("a", None)]), None);
        assert_eq!(price(&[]), None);
    }
}
