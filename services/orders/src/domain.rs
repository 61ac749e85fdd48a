//! Orders, and the rules they keep.

mod kind;
mod limits;
mod number;
mod paid_by;
mod state;
mod text;
mod webhook;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use kind::Kind;
pub use limits::{Limits, Tried, Unpaid};
pub use number::Number;
pub use paid_by::PaidBy;
pub use state::State;
pub use text::{Country, Email, Malformed, Name, PaymentMethod, Postcode, Sku, Title, Token};
pub use webhook::{Endpoint, Webhook, Wish};

/// A rule that a field breaks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Where, as a JSON pointer: `/lines/0/sku`
    pub pointer: String,
    /// What is wrong, for people
    pub detail: &'static str,
}

impl Violation {
    /// A broken rule.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: &'static str) -> Self {
        Self {
            pointer: pointer.into(),
            detail,
        }
    }
}

/// Where it is sent to.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Address {
    /// Who receives it
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub name: Name,
    /// Street and number
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub line1: Name,
    /// What else helps to find it
    #[schema(value_type = Option<String>, min_length = 1, max_length = 120)]
    pub line2: Option<Name>,
    /// Town
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub city: Name,
    /// Postal code
    #[schema(value_type = String, min_length = 1, max_length = 16)]
    pub postal_code: Postcode,
    /// Country, by its code of ISO 3166-1
    pub country: Country,
}

/// What a SKU of the quote is called, for people.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Titled {
    /// The thing
    pub sku: Sku,
    /// What it is called
    #[schema(value_type = String, min_length = 1, max_length = 250)]
    pub title: Title,
}

/// A wish to buy what a quote says, for what it says. Written down for comparison, it is without the
/// payment method: that is new each time the same card is sent, and the wish is still the same.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Request {
    /// The quote's token
    pub quote: Token,
    /// The cart that loses what was bought when the order stands
    pub cart: Option<Uuid>,
    /// Which state of the cart is bought: each is good for one order. Not compared: when the same wish is sent again, the
    /// cart may have changed
    #[serde(skip_serializing_if = "is_set_aside")]
    pub cart_version: Option<i64>,
    /// Where the shopper reads mail
    pub email: Email,
    /// Where it is sent to; in the quote's country
    pub address: Address,
    /// What the quote's SKUs are called, each once
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<Titled>,
    /// What is paid with
    #[serde(skip_serializing_if = "is_set_aside")]
    #[schema(required = true)]
    pub payment_method: PaymentMethod,
}

/// `skip_serializing` would hide the field from the contract, too.
fn is_set_aside<T>(_: &T) -> bool {
    true
}

/// What pricing has signed: only what an order needs of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Quote {
    /// Its name: one is good for one order
    pub id: Uuid,
    exp: i64,
    country: Country,
    shipping: Shipping,
    lines: Vec<Priced>,
    subtotal: Money,
    tax: Money,
    total: Money,
}

#[derive(Clone, Debug, Deserialize)]
struct Priced {
    sku: Sku,
    quantity: u32,
    unit_price: Money,
    total: Money,
}

impl Quote {
    /// Whether it no longer holds.
    #[must_use]
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.exp <= now.timestamp()
    }
}

/// How it is sent.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Shipping {
    /// Which way
    #[schema(value_type = String)]
    pub method: Name,
    /// That, for people
    #[schema(value_type = String)]
    pub name: Name,
    /// What it costs, tax included
    pub price: Money,
}

/// So many of a thing.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Line {
    /// The thing
    pub sku: Sku,
    /// What it is called
    #[schema(value_type = String)]
    pub title: Title,
    /// How many
    pub quantity: u32,
    /// What one costs, tax included
    pub unit_price: Money,
    /// What all of them cost
    pub total: Money,
}

/// What a shopper has bought, or tried to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Order {
    /// Its name
    pub id: Uuid,
    /// Its name between people
    pub number: Number,
    /// How far it is
    pub status: State,
    /// Where the shopper reads mail
    pub email: Email,
    /// Where it is sent to
    pub address: Address,
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
    /// When it was placed
    pub placed_at: DateTime<Utc>,
    /// Why it came to nothing, for people
    pub reason: Option<String>,
    /// How it is paid; not known before payments says so
    pub paid_by: Option<PaidBy>,
    /// Where the shopper pays or answers their bank, while it is `awaiting_payment`
    pub action: Option<String>,
}

/// A step that no order may take.
#[derive(Debug, thiserror::Error)]
#[error("an order that is {} cannot become {}", .0.as_str(), .1.as_str())]
pub struct Misstep(State, State);

impl Order {
    /// Goes on to a state.
    pub fn advance(&mut self, next: State) -> Result<(), Misstep> {
        if self.status.may_become(next) {
            self.status = next;
        } else {
            return Err(Misstep(self.status, next));
        }
        Ok(())
    }
}

impl Request {
    /// The order that the quote and the request make together. Its lines stand as in the request, so that
    /// whoever complains about the second line means the same one as the shopper.
    pub fn order(&self, quote: Quote, id: Uuid, number: Number, now: DateTime<Utc>) -> Result<Order, Vec<Violation>> {
        let mut violations = Vec::new();
        if self.address.country != quote.country {
            violations.push(Violation::new(
                "/address/country",
                "This is not the country of the quote.",
            ));
        }
        violations.extend(self.unreadable());
        let mut priced: BTreeMap<Sku, Priced> = quote.lines.into_iter().map(|line| (line.sku.clone(), line)).collect();
        let mut lines = Vec::new();
        for (index, Titled { sku, title }) in self.lines.iter().enumerate() {
            if let Some(line) = priced.remove(sku) {
                lines.push(line.titled(title.clone()));
            } else {
                let detail = "This is not in the quote, or it is there twice.";
                violations.push(Violation::new(format!("/lines/{index}/sku"), detail));
            }
        }
        if !priced.is_empty() {
            violations.push(Violation::new("/lines", "The lines must name every SKU of the quote."));
        }
        if !violations.is_empty() {
            return Err(violations);
        }
        Ok(Order {
            id,
            number,
            status: State::Placed,
            email: self.email.clone(),
            address: self.address.clone(),
            lines,
            subtotal: quote.subtotal,
            shipping: quote.shipping,
            tax: quote.tax,
            total: quote.total,
            placed_at: now,
            reason: None,
            paid_by: None,
            action: None,
        })
    }
}

impl Request {
    /// What nobody could read, or spreadsheets would reckon with. Checked at the door alone: orders of before may have such
    /// texts.
    fn unreadable(&self) -> Vec<Violation> {
        let Address {
            name,
            line1,
            line2,
            city,
            postal_code,
            ..
        } = &self.address;
        let lines = [
            ("/address/name", Some(name.as_ref())),
            ("/address/line1", Some(line1.as_ref())),
            ("/address/line2", line2.as_ref().map(Name::as_ref)),
            ("/address/city", Some(city.as_ref())),
            ("/address/postal_code", Some(postal_code.as_ref())),
        ];
        let is_wrong =
            |line: &str| ::text::line(line, usize::MAX).is_err() || line.trim().starts_with(['=', '+', '-', '@']);
        let wrong = lines.into_iter().filter(|(_, line)| line.is_some_and(is_wrong));
        let detail = "This must be words that can be seen, and must not begin with =, +, - or @.";
        let mut violations: Vec<_> = wrong.map(|(pointer, _)| Violation::new(pointer, detail)).collect();
        if ::text::email(self.email.as_ref()).is_err() {
            violations.push(Violation::new("/email", "This must be an e-mail address."));
        }
        violations
    }
}

impl Priced {
    fn titled(self, title: Title) -> Line {
        let Self {
            sku,
            quantity,
            unit_price,
            total,
        } = self;
        Line {
            sku,
            title,
            quantity,
            unit_price,
            total,
        }
    }
}
