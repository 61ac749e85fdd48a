//! The cart page.

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;

use super::WaitingOrder;
use crate::upstream::{self, Prices, Stock, Variants};

/// A cart as shown to the shopper.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Cart {
    /// Number of items in all lines together
    pub quantity: u32,
    /// Lines, in the order in which they were added
    pub lines: Vec<CartLine>,
    /// Sum of all lines that are not discontinued; null if one of their prices is unknown or there is no such line
    pub subtotal: Option<Money>,
}

/// The cart page.
#[derive(Debug, Serialize, ToSchema)]
pub struct CartPage {
    #[serde(flatten)]
    cart: Cart,
    /// The item named by the query parameter `removed`; null if that is still in the cart or unknown
    removed: Option<RemovedItem>,
    /// An order from this cart that is still in progress; null if there is none or orders does not answer in time
    waiting_order: Option<WaitingOrder>,
}

/// An item that was removed from the cart.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedItem {
    /// SKU
    sku: String,
    /// Product name
    name: String,
    /// Variant label, for example `Sand`
    label: String,
}

/// A line of a cart. Prices include tax.
#[derive(Debug, Serialize, ToSchema)]
pub struct CartLine {
    /// SKU
    pub sku: String,
    /// Slug of the product; null if the product has no page or catalog does not answer in time
    pub slug: Option<String>,
    /// Product name; the SKU if catalog does not answer in time
    pub name: String,
    /// Variant label, for example `Sand`; empty if unknown
    pub label: String,
    /// Name of the picture, or null
    pub picture: Option<String>,
    /// Quantity, 1 to 99
    pub quantity: u32,
    /// Current unit price; null if it is unknown or the line is discontinued
    pub unit_price: Option<Money>,
    /// Unit price at the time the line was added; null if it is unknown or has not changed
    pub previous_price: Option<Money>,
    /// Unit price times quantity; null if the unit price is
    pub total: Option<Money>,
    /// Whether this quantity can be bought. True if stock is unknown: an order checks it again
    pub available: bool,
    /// How many can still be bought, if that is less than `quantity`; null otherwise
    pub remaining: Option<u32>,
    /// Whether the shop no longer sells the item: it is not on sale, or has no price
    pub discontinued: bool,
}

impl CartPage {
    /// The page of this cart, with the SKU that was just removed and the order in progress.
    #[must_use]
    pub fn new(
        cart: Cart,
        removed: Option<&str>,
        variants: Option<&Variants>,
        waiting_order: Option<WaitingOrder>,
    ) -> Self {
        let is_removed = |sku: &&str| cart.lines.iter().all(|line| line.sku != *sku);
        let removed = removed.filter(is_removed).and_then(|sku| {
            let variant = variants?.get(sku)?;
            Some(RemovedItem {
                sku: sku.to_owned(),
                name: variant.product.name.clone(),
                label: variant.label.clone(),
            })
        });
        Self {
            cart,
            removed,
            waiting_order,
        }
    }
}

impl Cart {
    /// The cart with optional data, `None` where a service did not answer. A line that an answer does not contain is
    /// discontinued.
    #[must_use]
    pub fn new(
        cart: &upstream::Cart,
        variants: Option<&Variants>,
        prices: Option<&Prices>,
        stock: Option<&Stock>,
    ) -> Self {
        let line = |item: &upstream::LineItem| {
            let previous_price = cart.prices_when_added.get(&item.sku);
            CartLine::new(item, previous_price, variants, prices, stock)
        };
        let lines: Vec<CartLine> = cart.lines.iter().map(line).collect();
        Self {
            quantity: lines.iter().map(|line| line.quantity).sum(),
            subtotal: subtotal(&lines),
            lines,
        }
    }
}

fn subtotal(lines: &[CartLine]) -> Option<Money> {
    let sold = lines.iter().filter(|line| !line.discontinued);
    let totals: Vec<Money> = sold.map(|line| line.total).collect::<Option<_>>()?;
    let currency = totals.first()?.currency;
    Money::sum(totals, currency).ok()
}

impl CartLine {
    fn new(
        upstream::LineItem { sku, quantity }: &upstream::LineItem,
        previous_price: Option<Money>,
        variants: Option<&Variants>,
        prices: Option<&Prices>,
        stock: Option<&Stock>,
    ) -> Self {
        let variant = variants.and_then(|variants| variants.get(sku));
        let price = prices.and_then(|prices| prices.get(sku));
        let is_on_sale = variant.is_some_and(upstream::Variant::is_on_sale);
        let discontinued = (variants.is_some() && !is_on_sale) || (prices.is_some() && price.is_none());
        // A discontinued item cannot be bought, even if it is in stock.
        let remaining = if discontinued {
            Some(0)
        } else {
            stock
                .map(|stock| stock.sellable(sku))
                .filter(|remaining| remaining < quantity)
        };
        let unit_price = price.filter(|_| !discontinued);
        Self {
            slug: variant.and_then(|variant| variant.slug()).map(str::to_owned),
            name: variant.map_or_else(|| sku.clone(), |variant| variant.product.name.clone()),
            label: variant.map(|variant| variant.label.clone()).unwrap_or_default(),
            picture: variant.and_then(|variant| variant.picture.clone()),
            quantity: *quantity,
            unit_price,
            previous_price: previous_price.filter(|previous| unit_price.is_some_and(|price| price != *previous)),
            total: unit_price.and_then(|price| price.times(*quantity).ok()),
            available: remaining.is_none(),
            remaining,
            discontinued,
            sku: sku.clone(),
        }
    }
}
