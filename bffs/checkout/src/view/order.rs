//! The order page.

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::upstream::{self, Address, Country, Payment, PaymentType, ShippingRate, Status, Transfer, Variants};

/// An order as shown on its page. Prices include tax.
#[derive(Debug, Serialize, ToSchema)]
pub struct Order {
    /// Order id
    pub id: Uuid,
    /// Order number for shoppers, for example `S-7K3M9QXD`
    pub number: String,
    /// Outcome of the order
    pub outcome: OrderOutcome,
    /// Why the order was rejected, as a sentence for the shopper; null otherwise
    pub reason: Option<String>,
    /// How the order is paid; null as long as that is not known
    pub paid_by: Option<PaymentType>,
    /// Whether the order is paid; null if that is unknown or the order is not accepted
    pub is_paid: Option<bool>,
    /// Bank details for paying the invoice, as long as it is outstanding; null otherwise
    pub transfer: Option<Transfer>,
    /// URL to send the shopper to, to pay or to authenticate with their bank; null if nothing is to be done there
    pub redirect_url: Option<String>,
    /// Email address of the shopper
    pub email: String,
    /// Delivery address; for a pick-up the shop's
    pub address: Address,
    /// Name of the address's country; null if pricing does not answer in time
    pub country: Option<String>,
    /// Lines
    pub lines: Vec<OrderLine>,
    /// Sum of the lines
    pub subtotal: Money,
    /// Shipping method and price
    pub shipping: Shipping,
    /// Tax contained in the total
    pub tax: Money,
    /// Total amount
    pub total: Money,
}

/// An order in progress, shown with the cart that it was placed from. The shopper can follow it, cancel it, or replace it by
/// placing another order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "number": "S-7K3M9QXD",
    "total": { "minor": 5290, "currency": "EUR" },
    "paid_by": "card",
    "redirect_url": "http://127.0.0.1:4107/test-bank/test_challenge_1",
}))]
pub struct WaitingOrder {
    /// Order id
    id: Uuid,
    /// Order number for shoppers
    number: String,
    /// Amount to pay
    total: Money,
    /// How the order is paid; null as long as that is not known
    paid_by: Option<PaymentType>,
    /// URL to send the shopper to, to pay or to authenticate with their bank; null if nothing is to be done there
    redirect_url: Option<String>,
}

impl From<upstream::Order> for WaitingOrder {
    fn from(order: upstream::Order) -> Self {
        Self {
            id: order.id,
            number: order.number,
            total: order.total,
            paid_by: order.paid_by,
            redirect_url: order.redirect_url,
        }
    }
}

/// The outcome of an order for the shopper.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderOutcome {
    /// The order is confirmed
    Accepted,
    /// The order is being placed
    InProgress,
    /// The order was rejected or cancelled, or has failed
    Rejected,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderLine {
    /// SKU
    pub sku: String,
    /// Slug of the product; null if the product has no page or catalog does not answer in time
    pub slug: Option<String>,
    /// Title at the time of the order, for example `Onda vase, Sand`
    pub title: String,
    /// Name of the picture, or null
    pub picture: Option<String>,
    /// Quantity
    pub quantity: u32,
    /// Unit price
    pub unit_price: Money,
    /// Unit price times quantity
    pub total: Money,
}

/// Shipping method and price of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shipping {
    /// Shipping method; `pickup` for picking the order up in a shop
    pub method: String,
    /// Name shown to shoppers
    pub name: String,
    /// Delivery time shown to shoppers, for example `2–4 days`; null if pricing does not answer in time
    pub days: Option<String>,
    /// Price
    pub price: Money,
}

impl From<Status> for OrderOutcome {
    fn from(status: Status) -> Self {
        match status {
            Status::Confirmed | Status::Completed => Self::Accepted,
            Status::InProgress => Self::InProgress,
            Status::Rejected | Status::Failed | Status::Cancelled => Self::Rejected,
        }
    }
}

impl Order {
    /// The order with optional data; `payment` is needed only if the page depends on it.
    #[must_use]
    pub fn new(
        order: upstream::Order,
        countries: &[Country],
        rates: &[ShippingRate],
        variants: Option<&Variants>,
        payment: Option<Payment>,
    ) -> Self {
        let outcome = order.status.into();
        let is_paid = if order.is_on_account() {
            payment.as_ref().map(Payment::is_paid)
        } else {
            (outcome == OrderOutcome::Accepted).then_some(true)
        };
        let rate = rates.iter().find(|rate| rate.method == order.shipping.method);
        let country = countries.iter().find(|country| country.code == order.address.country);
        let line = |line: upstream::OrderLine| {
            let variant = variants.and_then(|variants| variants.get(&line.sku));
            OrderLine {
                slug: variant.and_then(|variant| variant.slug()).map(str::to_owned),
                picture: variant.and_then(|variant| variant.picture.clone()),
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
            // Payments knows before orders does that the shopper has paid: they must not be asked to pay again.
            redirect_url: order
                .redirect_url
                .filter(|_| payment.as_ref().is_none_or(Payment::requires_action)),
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
