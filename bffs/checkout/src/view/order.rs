//! The order page.

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::upstream::{self, Address, Articles, Country, Payment, PaymentType, Rate, Status, Transfer};

/// An order as its page shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Order {
    /// Its name in addresses
    pub id: Uuid,
    /// Its name between people
    pub number: String,
    /// What has become of it
    pub outcome: Outcome,
    /// Why it came to nothing, where it did
    pub reason: Option<String>,
    /// How it is paid, if that is known yet
    pub paid_by: Option<PaymentType>,
    /// Whether the money is there; none where that is not known now, or the order does not stand
    pub is_paid: Option<bool>,
    /// Where the shopper transfers what is owed, if that is known now
    pub transfer: Option<Transfer>,
    /// Where the shopper pays, or answers their bank, while that is waited for
    pub action: Option<String>,
    /// Where the shopper reads mail
    pub email: String,
    /// Where it is sent to
    pub address: Address,
    /// The name of its country, if it is known now
    pub country: Option<String>,
    /// What is bought
    pub lines: Vec<Line>,
    /// The sum of the lines
    pub subtotal: Money,
    /// How it is sent
    pub shipping: Shipping,
    /// The tax that the total contains
    pub tax: Money,
    /// What is paid
    pub total: Money,
}

/// An order that is not decided yet, beside the cart that it is made of: it can be followed, given up, or replaced by
/// ordering anew.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingOrder, example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "number": "S-7K3M9QXD",
    "total": { "minor": 5290, "currency": "EUR" },
    "paid_by": "card",
    "action": "http://127.0.0.1:4107/test-bank/test_challenge_1",
}))]
pub struct Waiting {
    /// Its name in addresses
    id: Uuid,
    /// Its name between people
    number: String,
    /// What is to be paid
    total: Money,
    /// How it is paid, if that is known yet
    paid_by: Option<PaymentType>,
    /// Where the shopper pays, or answers their bank, if that is waited for
    action: Option<String>,
}

impl From<upstream::Order> for Waiting {
    fn from(order: upstream::Order) -> Self {
        Self {
            id: order.id,
            number: order.number,
            total: order.total,
            paid_by: order.paid_by,
            action: order.action,
        }
    }
}

/// What has become of an order, as far as a shopper cares.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It stands
    Accepted,
    /// It is being placed
    Underway,
    /// It came to nothing
    Refused,
}

/// A line of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub struct Line {
    /// What every part of the shop knows it by
    pub sku: String,
    /// Its product's name in addresses, if it is known now
    pub slug: Option<String>,
    /// What it is called
    pub title: String,
    /// The name of its set of pictures
    pub picture: Option<String>,
    /// How many
    pub quantity: u32,
    /// What one costs
    pub unit_price: Money,
    /// What all of them cost
    pub total: Money,
}

/// How it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shipping {
    /// Which way; `pickup` where the shopper comes for it
    pub method: String,
    /// That, for people
    pub name: String,
    /// How long it takes, for people, if it is known now
    pub days: Option<String>,
    /// What it costs
    pub price: Money,
}

impl From<Status> for Outcome {
    fn from(status: Status) -> Self {
        match status {
            Status::Confirmed | Status::Completed => Self::Accepted,
            Status::Underway => Self::Underway,
            Status::Rejected | Status::Failed | Status::Cancelled => Self::Refused,
        }
    }
}

impl Order {
    /// An order with what is known of its country, its delivery, its things and its payment, where that matters.
    #[must_use]
    pub fn new(
        order: upstream::Order,
        countries: &[Country],
        rates: &[Rate],
        articles: Option<&Articles>,
        payment: Option<Payment>,
    ) -> Self {
        let outcome = order.status.into();
        let is_paid = if order.is_on_account() {
            payment.as_ref().map(Payment::is_paid)
        } else {
            (outcome == Outcome::Accepted).then_some(true)
        };
        let rate = rates.iter().find(|rate| rate.method == order.shipping.method);
        let country = countries.iter().find(|country| country.code == order.address.country);
        let line = |line: upstream::OrderLine| {
            let article = articles.and_then(|articles| articles.of(&line.sku));
            Line {
                slug: article.and_then(|article| article.slug()).map(str::to_owned),
                picture: article.and_then(|article| article.picture.clone()),
                sku: line.sku,
                title: line.title,
                quantity: line.quantity,
                unit_price: line.unit_price,
                total: line.total,
            }
        };
        Self {
            id: order.id,
            number: order.number,
            outcome,
            reason: order.reason,
            paid_by: order.paid_by,
            is_paid,
            // Nobody is sent to pay once more.
            action: order.action.filter(|_| payment.as_ref().is_none_or(Payment::is_open)),
            transfer: payment.and_then(Payment::transfer),
            email: order.email,
            country: country.map(|country| country.name.clone()),
            address: order.address,
            lines: order.lines.into_iter().map(line).collect(),
            subtotal: order.subtotal,
            shipping: Shipping {
                days: rate.map(|rate| rate.days.clone()),
                method: order.shipping.method,
                name: order.shipping.name,
                price: order.shipping.price,
            },
            tax: order.tax,
            total: order.total,
        }
    }
}
