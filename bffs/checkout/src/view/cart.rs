//! The cart page.

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;

use crate::upstream::{self, Articles, Prices, Stock};

/// A cart as it is shown.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Cart {
    /// How many things there are, all lines taken together
    pub quantity: u32,
    /// What is in it, in the order it was put there
    pub lines: Vec<Line>,
    /// The sum of the lines, if every price is known now
    pub subtotal: Option<Money>,
}

/// A line of it.
#[derive(Debug, Serialize, ToSchema)]
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
    /// What one costs, if that is known now
    pub unit_price: Option<Money>,
    /// What all of them cost, if that is known now
    pub total: Option<Money>,
    /// Whether so many can be bought; where nobody knows, an order will tell
    pub available: bool,
    /// How many can be bought, where they are fewer
    pub left: Option<u32>,
}

impl Cart {
    /// The cart with what is known of its lines.
    #[must_use]
    pub fn new(lines: &[upstream::Line], articles: Option<&Articles>, prices: &Prices, stock: Option<&Stock>) -> Self {
        let line = |line| Line::new(line, articles, prices, stock);
        let lines: Vec<Line> = lines.iter().map(line).collect();
        Self {
            quantity: lines.iter().map(|line| line.quantity).sum(),
            subtotal: sum(&lines),
            lines,
        }
    }
}

/// None where a price is missing, and where there is nothing.
fn sum(lines: &[Line]) -> Option<Money> {
    let totals: Vec<Money> = lines.iter().map(|line| line.total).collect::<Option<_>>()?;
    let currency = totals.first()?.currency;
    Money::sum(totals, currency).ok()
}

impl Line {
    fn new(
        upstream::Line { sku, quantity }: &upstream::Line,
        articles: Option<&Articles>,
        prices: &Prices,
        stock: Option<&Stock>,
    ) -> Self {
        let article = articles.and_then(|articles| articles.of(sku));
        // What catalog has forgotten cannot be bought, whatever the shelf says.
        let is_gone = articles.is_some() && article.is_none();
        let left = match is_gone {
            true => Some(0),
            false => stock.map(|stock| stock.of(sku)).filter(|left| left < quantity),
        };
        let unit_price = prices.of(sku);
        Self {
            slug: article.map(|article| article.product.slug.clone()),
            name: article.map_or_else(|| sku.clone(), |article| article.product.name.clone()),
            label: article.map(|article| article.label.clone()).unwrap_or_default(),
            picture: article.and_then(|article| article.product.picture.clone()),
            quantity: *quantity,
            unit_price,
            total: unit_price.and_then(|price| price.times(*quantity).ok()),
            available: left.is_none(),
            left,
            sku: sku.clone(),
        }
    }
}
