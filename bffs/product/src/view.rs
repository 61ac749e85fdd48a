//! What a product page shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::upstream::{self, Prices, Rate, Rates, Stock, Supply};

/// At most this many: the page says how many are left.
const FEW: u32 = 5;

/// A product page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Product {
    /// Its name in addresses
    pub slug: String,
    /// Its name for people
    pub name: String,
    /// A sentence about it; may be empty
    pub summary: String,
    /// All there is to say about it, as HTML that is safe to stand in a page as it is; may be empty
    pub description_html: String,
    /// The same as plain text, a line for each paragraph
    pub description: String,
    /// Who made it, or whose brand it is, if that is told
    pub vendor: Option<String>,
    /// What it looks like, the main picture first
    pub pictures: Vec<Picture>,
    /// Facts about it: size, material, care
    pub details: Vec<Detail>,
    /// The category it stands in
    pub category: Category,
    /// What there is to choose
    pub options: Vec<Choice>,
    /// The SKU that is shown first
    pub selected: String,
    /// What can be bought: one at least
    pub variants: Vec<Variant>,
    /// The ways to have it, if they are known now
    pub delivery: Option<Vec<Delivery>>,
}

/// One of its pictures.
#[derive(Debug, Serialize, ToSchema)]
pub struct Picture {
    /// The name of its set of files
    pub name: String,
    /// What is to be seen, for who cannot see it
    pub alt: String,
}

/// A fact about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Detail {
    /// What it is about
    pub name: String,
    /// What there is to know
    pub value: String,
}

/// One way to have it: a parcel, or a walk to a shop.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Which way: `standard`, `express`, `pickup`
    pub method: String,
    /// Its name for people
    pub name: String,
    /// How long it takes, for people
    pub days: String,
    /// What it costs
    pub price: Money,
}

/// Where the product stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Category {
    /// Its name in addresses
    pub slug: String,
    /// Its name for people, if it came in time
    pub name: Option<String>,
}

/// One thing to choose: `Glaze`, one of `Sand` and `Sea`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Choice {
    /// What it is called
    pub name: String,
    /// What it can be
    pub values: Vec<String>,
}

/// What can be bought.
#[derive(Debug, Serialize, ToSchema)]
pub struct Variant {
    /// What every part of the shop knows it by
    pub sku: String,
    /// What tells it from its siblings, for people
    pub label: String,
    /// The value of each option
    pub options: BTreeMap<String, String>,
    /// Which of the product's pictures shows it
    pub picture: Option<String>,
    /// What it costs, if that is known now
    pub price: Option<Money>,
    /// What it cost before, if that is told: more than the price
    pub compare_at: Option<Money>,
    /// Whether it can be bought
    pub availability: Availability,
    /// How many there are, where they are few
    pub left: Option<u32>,
}

/// Whether a variant can be bought.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Plenty
    InStock,
    /// Some
    FewLeft,
    /// None, and it can be ordered all the same: it is sent later
    BackOrder,
    /// None
    SoldOut,
    /// Inventory did not answer
    Unknown,
}

impl Availability {
    /// With how many are left, where they are few. Of what was never counted there is none.
    fn of(supply: Option<Supply>) -> (Self, Option<u32>) {
        match supply {
            None | Some(Supply::Units(0)) => (Self::SoldOut, None),
            Some(Supply::Units(left @ 1..=FEW)) => (Self::FewLeft, Some(left)),
            Some(Supply::Units(_) | Supply::Endless) => (Self::InStock, None),
            Some(Supply::Later) => (Self::BackOrder, None),
        }
    }
}

/// What becomes of a product's stock while its page is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct Availabilities {
    /// Every variant, in the page's order
    pub variants: Vec<InStock>,
}

/// Whether a variant can be bought, as in `Variant`.
#[derive(Debug, Serialize, ToSchema)]
pub struct InStock {
    /// What every part of the shop knows it by
    pub sku: String,
    /// Whether it can be bought
    pub availability: Availability,
    /// How many there are, where they are few
    pub left: Option<u32>,
}

impl Availabilities {
    /// Those of these SKUs, of each what one of these stocks knows.
    #[must_use]
    pub fn new(skus: &[String], stocks: &[Arc<Stock>]) -> Self {
        let variant = |sku: &String| {
            let (availability, left) = Availability::of(stocks.iter().find_map(|stock| stock.of(sku)));
            InStock {
                sku: sku.clone(),
                availability,
                left,
            }
        };
        Self {
            variants: skus.iter().map(variant).collect(),
        }
    }
}

impl Product {
    /// The page of a product: `sku` is shown first if the product has it, else the first variant that can be bought, as
    /// far as is known; where none can, the first.
    #[must_use]
    pub fn new(
        product: upstream::Product,
        category: Option<upstream::Category>,
        prices: &Prices,
        stock: Option<&Stock>,
        rates: Option<Rates>,
        sku: Option<&str>,
    ) -> Self {
        let wanted = product.variants.iter().find(|variant| Some(&*variant.sku) == sku);
        let is_there = |variant: &&upstream::Variant| {
            stock.is_none_or(|stock| Availability::of(stock.of(&variant.sku)).0 != Availability::SoldOut)
        };
        let selected = wanted
            .or_else(|| product.variants.iter().find(is_there))
            .or(product.variants.first());
        let selected = selected.map(|variant| variant.sku.clone()).unwrap_or_default();
        let variants = product.variants.into_iter();
        Self {
            slug: product.slug,
            name: product.name,
            summary: product.summary,
            description_html: product.description_html,
            description: product.description,
            vendor: product.vendor,
            pictures: product.pictures.into_iter().map(Picture::from).collect(),
            details: product.details.into_iter().map(Detail::from).collect(),
            category: Category {
                slug: product.category,
                name: category.map(|category| category.name),
            },
            options: product.options.into_iter().map(Choice::from).collect(),
            selected,
            variants: variants.map(|variant| Variant::new(variant, prices, stock)).collect(),
            delivery: rates.map(|rates| rates.items.into_iter().map(Delivery::from).collect()),
        }
    }
}

impl From<upstream::Choice> for Choice {
    fn from(choice: upstream::Choice) -> Self {
        Self {
            name: choice.name,
            values: choice.values,
        }
    }
}

impl From<upstream::Picture> for Picture {
    fn from(picture: upstream::Picture) -> Self {
        Self {
            name: picture.name,
            alt: picture.alt,
        }
    }
}

impl From<upstream::Detail> for Detail {
    fn from(detail: upstream::Detail) -> Self {
        Self {
            name: detail.name,
            value: detail.value,
        }
    }
}

impl From<Rate> for Delivery {
    fn from(rate: Rate) -> Self {
        Self {
            method: rate.method,
            name: rate.name,
            days: rate.days,
            price: rate.price,
        }
    }
}

impl Variant {
    fn new(variant: upstream::Variant, prices: &Prices, stock: Option<&Stock>) -> Self {
        let price = prices.of(&variant.sku);
        let (availability, left) = match stock {
            Some(stock) => Availability::of(stock.of(&variant.sku)),
            None => (Availability::Unknown, None),
        };
        Self {
            price: price.map(|price| price.price),
            compare_at: price.and_then(|price| price.compare_at),
            availability,
            left,
            sku: variant.sku,
            label: variant.label,
            options: variant.options,
            picture: variant.picture,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_told_from_many() {
        let cases = [
            (None, Availability::SoldOut, None),
            (Some(Supply::Units(0)), Availability::SoldOut, None),
            (Some(Supply::Units(1)), Availability::FewLeft, Some(1)),
            (Some(Supply::Units(FEW)), Availability::FewLeft, Some(FEW)),
            (Some(Supply::Units(FEW + 1)), Availability::InStock, None),
            (Some(Supply::Endless), Availability::InStock, None),
            (Some(Supply::Later), Availability::BackOrder, None),
        ];
        for (supply, expected, left) in cases {
            assert_eq!(Availability::of(supply), (expected, left), "{supply:?}");
        }
    }
}
