//! What a product page shows.

use std::collections::BTreeMap;

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::upstream::{self, Prices, Rate, Rates, Stock};

/// At most this many: the page says how many are left.
const FEW: u32 = 5;

/// A product page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Product {
    /// Its name in addresses
    pub slug: String,
    /// Its name for people
    pub name: String,
    /// A sentence about it
    pub summary: String,
    /// All there is to say about it
    pub description: String,
    /// Who made it
    pub maker: String,
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
    /// None
    SoldOut,
    /// Inventory did not answer
    Unknown,
}

impl Availability {
    fn of(available: Option<u32>) -> Self {
        match available {
            None => Self::Unknown,
            Some(0) => Self::SoldOut,
            Some(1..=FEW) => Self::FewLeft,
            Some(_) => Self::InStock,
        }
    }

    /// How many are worth a word.
    fn left(self, available: Option<u32>) -> Option<u32> {
        available.filter(|_| self == Self::FewLeft)
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
    /// Those of these SKUs.
    #[must_use]
    pub fn new(skus: &[String], stock: &Stock) -> Self {
        let variant = |sku: &String| {
            let available = Some(stock.of(sku));
            let availability = Availability::of(available);
            InStock {
                sku: sku.clone(),
                availability,
                left: availability.left(available),
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
        let is_there = |variant: &&upstream::Variant| stock.is_none_or(|stock| stock.of(&variant.sku) > 0);
        let selected = wanted
            .or_else(|| product.variants.iter().find(is_there))
            .or(product.variants.first());
        let selected = selected.map(|variant| variant.sku.clone()).unwrap_or_default();
        let variants = product.variants.into_iter();
        Self {
            slug: product.slug,
            name: product.name,
            summary: product.summary,
            description: product.description,
            maker: product.maker,
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
        let available = stock.map(|stock| stock.of(&variant.sku));
        let availability = Availability::of(available);
        Self {
            price: prices.of(&variant.sku),
            availability,
            left: availability.left(available),
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
            (None, Availability::Unknown),
            (Some(0), Availability::SoldOut),
            (Some(1), Availability::FewLeft),
            (Some(FEW), Availability::FewLeft),
            (Some(FEW + 1), Availability::InStock),
        ];
        for (available, expected) in cases {
            assert_eq!(Availability::of(available), expected, "{available:?}");
        }
    }
}
