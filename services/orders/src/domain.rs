//! Orders and their rules.

mod create_order;
mod event_type;
mod limits;
mod number;
mod paid_by;
mod quote;
mod reservation;
mod status;
mod text;
mod webhook;

use chrono::{DateTime, Utc};
use money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use values::{CountryCode, Email};

pub use create_order::CreateOrder;
pub use event_type::EventType;
pub use limits::{DeclinedCards, Limits, UnpaidOrders};
pub use number::OrderNumber;
pub use paid_by::PaidBy;
pub use quote::Quote;
pub use reservation::Reservation;
pub use status::OrderStatus;
pub use text::{PaymentMethodId, PostalCode, QuoteToken, ShortText, Sku, StoredEmail, Title};
pub use webhook::{Webhook, WebhookInput, WebhookUrl};

/// A shipping address.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Address {
    /// The recipient's full name.
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub name: ShortText,
    /// Street and house number.
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub line1: ShortText,
    /// Apartment, floor, company or similar; null if there is none.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 120)]
    pub line2: Option<ShortText>,
    /// City or town.
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub city: ShortText,
    /// Postal code.
    #[schema(value_type = String, min_length = 1, max_length = 16)]
    pub postal_code: PostalCode,
    /// ISO 3166-1 alpha-2 country code, for example `DE`.
    pub country: CountryCode,
}

/// The shipping method of an order.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Shipping {
    /// The method's code, for example `standard`.
    #[schema(value_type = String)]
    pub method: ShortText,
    /// The method's name for people, for example `Standard delivery`.
    #[schema(value_type = String)]
    pub name: ShortText,
    /// Price of the shipping, tax included.
    pub price: Money,
}

/// A line of an order: a product variant and its quantity.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct OrderLine {
    /// SKU of the product variant.
    pub sku: Sku,
    /// Product and variant, for people, for example `Onda vase, Sand`.
    #[schema(value_type = String)]
    pub title: Title,
    /// Number of units.
    pub quantity: u32,
    /// Price of one unit, tax included.
    pub unit_price: Money,
    /// Price of all units of the line, tax included.
    pub total: Money,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Order {
    /// The order's id.
    pub id: Uuid,
    /// The order number, for people.
    pub number: OrderNumber,
    /// The order's status.
    pub status: OrderStatus,
    /// The shopper's e-mail address.
    #[schema(value_type = Email)]
    pub email: StoredEmail,
    /// The shipping address.
    pub address: Address,
    /// The lines, in the sequence of the request.
    pub lines: Vec<OrderLine>,
    /// Sum of the lines, tax included.
    pub subtotal: Money,
    /// The shipping method and its price.
    pub shipping: Shipping,
    /// Tax included in the total.
    pub tax: Money,
    /// Amount to pay: subtotal and shipping.
    pub total: Money,
    /// When the order was placed.
    pub placed_at: DateTime<Utc>,
    /// Why the order is `rejected`, `failed` or `cancelled`, in a sentence for the shopper; null in all other statuses.
    pub reason: Option<String>,
    /// How the order is paid; null until the payment is created.
    pub paid_by: Option<PaidBy>,
    /// Where to send the shopper while the order is `awaiting_payment`: the provider's payment page, or the page of their
    /// bank; null in all other statuses.
    pub redirect_url: Option<String>,
}

/// A status that does not follow from the order's current one.
#[derive(Debug, thiserror::Error)]
#[error("an order that is {} cannot become {}", .0.as_str(), .1.as_str())]
pub struct InvalidTransition(OrderStatus, OrderStatus);

impl Order {
    /// Moves the order to its next status.
    pub fn transition_to(&mut self, next: OrderStatus) -> Result<(), InvalidTransition> {
        if self.status.may_become(next) {
            self.status = next;
            Ok(())
        } else {
            Err(InvalidTransition(self.status, next))
        }
    }
}
