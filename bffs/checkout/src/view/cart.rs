//! The cart page.

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;

use super::WaitingOrder;
use crate::upstream::{self, Articles, Prices, Stock};

/// A cart as it is shown.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Cart {
    /// How many things there are, all lines taken together
    pub quantity: u32,
    /// What is in it, in the order it was put there
    pub lines: Vec<Line>,
    /// The sum of the lines that are not gone, if each of their prices is known now
    pub subtotal: Option<Money>,
}

/// The cart's page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    #[serde(flatten)]
    cart: Cart,
    /// What was asked about because it has just been taken out; none where it is in the cart, or nothing at all
    removed: Option<Removed>,
    /// An order from this cart that is not decided yet, if that is known now
    waiting_order: Option<WaitingOrder>,
}

/// What is no longer in the cart.
#[derive(Debug, Serialize, ToSchema)]
pub struct Removed {
    /// What every part of the shop knows it by
    sku: String,
    /// What it is called
    name: String,
    /// What tells it from its siblings, for people
    label: String,
}

/// A line of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartLine)]
pub struct Line {
    /// What every part of the shop knows it by
    pub sku: String,
    /// Its product's name in addresses, if it is known now
    pub slug: Option<String>,
    /// What it is called; its SKU where nothing better is known now
    pub name: String,
    /// What tells it from its siblings, for people
    pub label: String,
    /// The name of its set of pictures
    pub picture: Option<String>,
    /// How many
    pub quantity: u32,
    /// What one costs, if that is known now and it is not gone
    pub unit_price: Option<Money>,
    /// What one cost when it was put in, if that is known and not what it costs now
    pub was: Option<Money>,
    /// What all of them cost, if that is known now and they are not gone
    pub total: Option<Money>,
    /// Whether so many can be bought; where nobody knows, an order will tell
    pub available: bool,
    /// How many can be bought, where they are fewer
    pub left: Option<u32>,
    /// Whether the shop has stopped selling it: it is not on sale, or it has no price any more
    pub gone: bool,
}

impl Page {
    /// The page, with the name of what was taken out, and the order that waits.
    #[must_use]
    pub fn new(
        cart: Cart,
        removed: Option<&str>,
        articles: Option<&Articles>,
        waiting_order: Option<WaitingOrder>,
    ) -> Self {
        let is_out = |sku: &&str| cart.lines.iter().all(|line| line.sku != *sku);
        let removed = removed.filter(is_out).and_then(|sku| {
            let article = articles?.of(sku)?;
            Some(Removed {
                sku: sku.to_owned(),
                name: article.product.name.clone(),
                label: article.label.clone(),
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
    /// The cart with what is known of its lines. What does not answer is none; what answers, and does not know a
    /// line, has stopped selling it.
    #[must_use]
    pub fn new(
        cart: &upstream::Cart,
        articles: Option<&Articles>,
        prices: Option<&Prices>,
        stock: Option<&Stock>,
    ) -> Self {
        let line = |line: &upstream::Line| Line::new(line, cart.remembered.of(&line.sku), articles, prices, stock);
        let lines: Vec<Line> = cart.lines.iter().map(line).collect();
        Self {
            quantity: lines.iter().map(|line| line.quantity).sum(),
            subtotal: sum(&lines),
            lines,
        }
    }
}

/// None where a price is missing, and where there is nothing that can be bought.
fn sum(lines: &[Line]) -> Option<Money> {
    let sold = lines.iter().filter(|line| !line.gone);
    let totals: Vec<Money> = sold.map(|line| line.total).collect::<Option<_>>()?;
    let currency = totals.first()?.currency;
    Money::sum(totals, currency).ok()
}

impl Line {
    fn new(
        upstream::Line { sku, quantity }: &upstream::Line,
        remembered: Option<Money>,
        articles: Option<&Articles>,
        prices: Option<&Prices>,
        stock: Option<&Stock>,
    ) -> Self {
        let article = articles.and_then(|articles| articles.of(sku));
        let price = prices.and_then(|prices| prices.of(sku));
        // What is not on sale or has no price any more cannot be bought, whatever the shelf says.
        let is_on_sale = article.is_some_and(upstream::Article::is_on_sale);
        let gone = (articles.is_some() && !is_on_sale) || (prices.is_some() && price.is_none());
        let left = if gone {
            Some(0)
        } else {
            stock.map(|stock| stock.of(sku)).filter(|left| left < quantity)
        };
        let unit_price = price.filter(|_| !gone);
        Self {
            slug: article.and_then(|article| article.slug()).map(str::to_owned),
            name: article.map_or_else(|| sku.clone(), |article| article.product.name.clone()),
            label: article.map(|article| article.label.clone()).unwrap_or_default(),
            picture: article.and_then(|article| article.picture.clone()),
            quantity: *quantity,
            unit_price,
            was: remembered.filter(|was| unit_price.is_some_and(|price| price != *was)),
            total: unit_price.and_then(|price| price.times(*quantity).ok()),
            available: left.is_none(),
            left,
            gone,
            sku: sku.clone(),
        }
    }
}
