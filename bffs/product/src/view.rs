//! The data of a product page.

use std::collections::BTreeMap;
use std::sync::Arc;

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::upstream::{self, Prices, ShippingRate, ShippingRates, Stock, Supply};

/// Up to this many units, the page says how many remain.
const FEW: u32 = 5;

/// The data of a product page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Product {
    /// The product's slug, for example `onda-vase`.
    pub slug: String,
    /// The product's name.
    pub name: String,
    /// A short description in one sentence. May be empty.
    pub summary: String,
    /// The full description as sanitized HTML, safe to insert into a page. May be empty.
    pub description_html: String,
    /// The full description as plain text, one line for each paragraph. May be empty.
    pub description: String,
    /// The brand or maker. Null if unknown.
    pub vendor: Option<String>,
    /// Pictures of the product, the main one first. May be empty.
    pub pictures: Vec<Picture>,
    /// Facts about the product, such as size, material and care. May be empty.
    pub details: Vec<Detail>,
    /// The category that the product belongs to.
    pub category: Category,
    /// The options by which variants differ, such as glaze and size. May be empty.
    pub options: Vec<ProductOption>,
    /// The SKU of the selected variant.
    pub selected: String,
    /// The variants of the product, at least one.
    pub variants: Vec<Variant>,
    /// The delivery methods to Germany. Null if pricing does not answer in time.
    pub delivery: Option<Vec<DeliveryMethod>>,
}

/// A picture of the product.
#[derive(Debug, Serialize, ToSchema)]
pub struct Picture {
    /// The base name of the picture's files, without size and extension.
    pub name: String,
    /// The alternative text for people who cannot see the picture.
    pub alt: String,
}

/// A fact about the product.
#[derive(Debug, Serialize, ToSchema)]
pub struct Detail {
    /// The name of the fact, for example `Height`.
    pub name: String,
    /// The value, for example `30 cm`.
    pub value: String,
}

/// A delivery method: a parcel, or pickup in a shop.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryMethod {
    /// The method: `standard`, `express` or `pickup`.
    pub method: String,
    /// The method's name, for example `Standard delivery`.
    pub name: String,
    /// How long it takes, for example `2–4 days`.
    pub days: String,
    /// The price.
    pub price: Money,
}

/// The category that the product belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Category {
    /// The category's slug, for example `vases`.
    pub slug: String,
    /// The category's name. Null if catalog does not answer in time.
    pub name: Option<String>,
}

/// An option by which variants differ, for example `Glaze` with the values `Sand` and `Sea`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductOption {
    /// The name of the option.
    pub name: String,
    /// The values of the option.
    pub values: Vec<String>,
}

/// A variant of the product.
#[derive(Debug, Serialize, ToSchema)]
pub struct Variant {
    /// The variant's stock keeping unit.
    pub sku: String,
    /// A label that tells the variant from the others, for example `Sand`.
    pub label: String,
    /// The value of each option, by the option's name.
    pub options: BTreeMap<String, String>,
    /// The name of the picture that shows the variant. Null if there is none.
    pub picture: Option<String>,
    /// The price of one unit. Null if there is none, or if pricing does not answer in time.
    pub price: Option<Money>,
    /// The price before a reduction; it is higher than `price`. Null if the price is not reduced.
    pub compare_at: Option<Money>,
    /// Whether the variant can be bought.
    pub availability: Availability,
    /// The units that remain if `availability` is `few_left`, otherwise null.
    pub remaining: Option<u32>,
}

/// Whether a variant can be bought: `in_stock` (6 units or more, or no limit), `few_left` (1 to 5 units), `back_order`
/// (none in stock; it can be ordered and is sent later), `sold_out`, or `unknown` (inventory does not answer in time).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// More than a few units, or any number
    InStock,
    /// A few units
    FewLeft,
    /// None in stock, but it can be ordered and is sent later
    BackOrder,
    /// None in stock
    SoldOut,
    /// Inventory does not answer
    Unknown,
}

impl Availability {
    /// The availability, and the units that remain if they are few. A SKU without stock is sold out.
    fn of(supply: Option<Supply>) -> (Self, Option<u32>) {
        match supply {
            None | Some(Supply::Units(0)) => (Self::SoldOut, None),
            Some(Supply::Units(remaining @ 1..=FEW)) => (Self::FewLeft, Some(remaining)),
            Some(Supply::Units(_) | Supply::Unlimited) => (Self::InStock, None),
            Some(Supply::Backorder) => (Self::BackOrder, None),
        }
    }
}

/// The stock of all variants of a product.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductStock {
    /// All variants, in the order of the product page.
    pub variants: Vec<VariantStock>,
}

/// The stock of a variant.
#[derive(Debug, Serialize, ToSchema)]
pub struct VariantStock {
    /// The variant's stock keeping unit.
    pub sku: String,
    /// Whether the variant can be bought.
    pub availability: Availability,
    /// The units that remain if `availability` is `few_left`, otherwise null.
    pub remaining: Option<u32>,
}

impl ProductStock {
    /// Looks each SKU up in these stocks.
    #[must_use]
    pub fn new(skus: &[String], stocks: &[Arc<Stock>]) -> Self {
        let variant = |sku: &String| {
            let (availability, remaining) = Availability::of(stocks.iter().find_map(|stock| stock.of(sku)));
            VariantStock {
                sku: sku.clone(),
                availability,
                remaining,
            }
        };
        Self {
            variants: skus.iter().map(variant).collect(),
        }
    }
}

impl Product {
    /// Combines the services' answers. Selects the variant `sku` if the product has it, else the first variant that can be
    /// bought as far as is known, else the first variant.
    #[must_use]
    pub fn new(
        product: upstream::Product,
        category: Option<upstream::Category>,
        prices: &Prices,
        stock: Option<&Stock>,
        rates: Option<ShippingRates>,
        sku: Option<&str>,
    ) -> Self {
        let requested = product.variants.iter().find(|variant| Some(&*variant.sku) == sku);
        let can_be_bought = |variant: &&upstream::Variant| {
            stock.is_none_or(|stock| Availability::of(stock.of(&variant.sku)).0 != Availability::SoldOut)
        };
        let selected = requested
            .or_else(|| product.variants.iter().find(can_be_bought))
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
            options: product.options.into_iter().map(ProductOption::from).collect(),
            selected,
            variants: variants.map(|variant| Variant::new(variant, prices, stock)).collect(),
            delivery: rates.map(|rates| rates.items.into_iter().map(DeliveryMethod::from).collect()),
        }
    }
}

impl From<upstream::ProductOption> for ProductOption {
    fn from(option: upstream::ProductOption) -> Self {
        Self {
            name: option.name,
            values: option.values,
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

impl From<ShippingRate> for DeliveryMethod {
    fn from(rate: ShippingRate) -> Self {
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
        let (availability, remaining) = match stock {
            Some(stock) => Availability::of(stock.of(&variant.sku)),
            None => (Availability::Unknown, None),
        };
        Self {
            price: price.map(|price| price.price),
            compare_at: price.and_then(|price| price.compare_at),
            availability,
            remaining,
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
    fn availability_says_how_many_units_remain_if_they_are_few() {
        let cases = [
            (None, Availability::SoldOut, None),
            (Some(Supply::Units(0)), Availability::SoldOut, None),
            (Some(Supply::Units(1)), Availability::FewLeft, Some(1)),
            (Some(Supply::Units(FEW)), Availability::FewLeft, Some(FEW)),
            (Some(Supply::Units(FEW + 1)), Availability::InStock, None),
            (Some(Supply::Unlimited), Availability::InStock, None),
            (Some(Supply::Backorder), Availability::BackOrder, None),
        ];
        for (supply, expected, remaining) in cases {
            assert_eq!(Availability::of(supply), (expected, remaining), "{supply:?}");
        }
    }
}
