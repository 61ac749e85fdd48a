//! Payments and their rules: `status` has the transitions, `movement` the movements of money, and `payment` the aggregate of both.

pub mod card;
mod lease;
mod movement;
mod payment;
mod payment_method;
mod payment_option;
mod payment_update;
mod payment_view;
mod status;
mod webhook;

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;
use values::{Email, Malformed, text_type};

pub use lease::Lease;
pub use movement::{
    Movement, MovementKind, MovementReference, MovementStatus, MovementView, Refund, RefundDetails, RefundRequest,
};
pub use payment::{Attempt, Claim, Payment, PaymentError};
pub use payment_method::{CardSummary, CreatePaymentMethod, PaymentMethod};
pub use payment_option::{PaymentMethodType, PaymentOption, Transfer};
pub use payment_update::{PaymentUpdate, ProviderStatus};
pub use payment_view::PaymentView;
pub use status::{PaymentStatus, TRANSITIONS, Transition};
pub use webhook::WebhookEvent;

/// The maximum of card networks: twelve digits (ISO 8583, field 4).
const MAX_MINOR: i64 = 999_999_999_999;

text_type!(
    /// The id of a payment method: `pm_` and 32 hexadecimal digits. It is random, because anyone who knows it can pay with it.
    #[schema(pattern = "^pm_[0-9a-f]{32}$")]
    pub struct PaymentMethodId(|text| {
        let is_hex = |rest: &str| rest.len() == 32 && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_id = text.strip_prefix("pm_").is_some_and(is_hex);
        is_id
            .then(|| text.to_owned())
            .ok_or(Malformed::Rule("must be the id of a payment method"))
    });
);

impl PaymentMethodId {
    /// Creates an id from a random (version 4) UUID.
    #[must_use]
    pub fn new(random: Uuid) -> Self {
        Self(format!("pm_{}", random.simple()))
    }
}

/// An amount to pay: more than zero, at most twelve digits in minor units.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Money", into = "Money")]
pub struct Amount(Money);

impl Amount {
    #[must_use]
    pub fn currency(self) -> Currency {
        self.0.currency
    }
}

impl TryFrom<Money> for Amount {
    type Error = Malformed;

    fn try_from(money: Money) -> Result<Self, Malformed> {
        match money.minor {
            1..=MAX_MINOR => Ok(Self(money)),
            ..=0 => Err(Malformed::Rule("must be more than zero")),
            _ => Err(Malformed::Rule("must be at most twelve digits")),
        }
    }
}

impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        Money::schema_within(1, 999_999_999_999)
    }
}

impl ToSchema for Amount {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Currency::name().into(), Currency::schema()));
    }
}

text_type!(
    /// The address to which a shopper returns: an absolute http or https URL of at most 2000 visible ASCII characters.
    pub struct ReturnUrl(|text| {
        let is_http = text.starts_with("http://") || text.starts_with("https://");
        let fits = text.len() <= 2000 && text.bytes().all(|byte| byte.is_ascii_graphic());
        (is_http && fits)
            .then(|| text.to_owned())
            .ok_or(Malformed::Rule("must be an http address"))
    });
);

/// A request to authorise a payment for an order.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct CreatePayment {
    /// The order's id. An order has at most one payment that is not declined, voided or expired.
    pub order: Uuid,
    /// The amount to authorise.
    pub amount: Amount,
    /// The id of the payment method to pay with.
    pub payment_method: PaymentMethodId,
    /// The http or https URL to which the shopper returns from their bank or from the provider's page.
    #[schema(value_type = Option<String>, pattern = "^https?://[!-~]*$", max_length = 2000)]
    pub return_url: Option<ReturnUrl>,
    /// The order number that the shopper sees at the provider and writes on a bank transfer: 1 to 32 visible ASCII characters.
    #[schema(value_type = Option<String>, pattern = "^[!-~]{1,32}$")]
    pub order_number: Option<OrderNumber>,
    /// The shopper's e-mail address, which fills in the provider's page. It is not stored.
    #[schema(value_type = Option<String>, max_length = 254)]
    pub email: Option<Email>,
    /// When the shopper's time to pay on the provider's page ends. The caller expires the payment then; the provider closes
    /// its page somewhat later by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

text_type!(
    /// An order number: 1 to 32 visible ASCII characters.
    pub struct OrderNumber(|text| {
        let fits = is_external_id(text) && text.len() <= 32;
        fits.then(|| text.to_owned())
            .ok_or(Malformed::Rule("must be 1 to 32 visible ASCII characters"))
    });
);

/// A request to capture an authorised payment.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct CapturePayment {
    /// The amount to capture, in the payment's currency. Defaults to the authorised amount; the rest is released.
    pub amount: Option<Amount>,
}

/// A request to refund a captured payment.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct CreateRefund {
    /// The amount to refund, in the payment's currency. Defaults to all that is captured and not yet refunded.
    pub amount: Option<Amount>,
}

/// Why a payment was declined.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Decline {
    /// The bank gives no reason.
    #[error("The bank declined this card.")]
    Card,
    #[error("There is not enough money on this card.")]
    InsufficientFunds,
    /// The shopper failed or refused the bank's authentication.
    #[error("Your bank could not confirm that it was you.")]
    Authentication,
    /// The amount, or the number of unpaid invoices, is over the limit.
    #[error("This order cannot be paid by invoice. Please choose another way to pay.")]
    Credit,
}

impl Decline {
    const ALL: [Self; 4] = [Self::Card, Self::InsufficientFunds, Self::Authentication, Self::Credit];

    /// The value in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::InsufficientFunds => "insufficient_funds",
            Self::Authentication => "authentication",
            Self::Credit => "credit",
        }
    }
}

impl TryFrom<String> for Decline {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::ALL
            .into_iter()
            .find(|decline| decline.as_str() == text)
            .ok_or(Malformed::Rule("must be a reason for a decline"))
    }
}

/// The provider's token for a card.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token(pub String);

/// A card that the provider has stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenizedCard {
    pub token: Token,
    /// Identifies the card's number: equal for equal cards. Not every provider has one
    pub fingerprint: Option<String>,
}

/// The provider's id of a payment. It may change once: from the id of the page on which the shopper pays to the id of the
/// payment made there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProviderPaymentId(pub String);

/// The provider's state of a payment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProviderPayment {
    pub id: ProviderPaymentId,
    pub status: ProviderStatus,
}

/// Whether a text can be an id that another system has made: 1 to 255 visible ASCII characters.
#[must_use]
pub fn is_external_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What the provider is asked to authorise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Charge {
    pub payment_id: Uuid,
    pub order: Uuid,
    pub order_number: Option<OrderNumber>,
    pub amount: Amount,
    /// The card, if the shopper entered one in the shop's form
    pub token: Option<Token>,
    /// The address to which the shopper returns from their bank or the provider's page
    pub return_url: Option<ReturnUrl>,
    /// When the shopper's time on the provider's page ends
    pub expires_at: Option<DateTime<Utc>>,
    /// When an invoice is due
    pub due_at: Option<DateTime<Utc>>,
    /// Not stored
    pub email: Option<Email>,
    /// The client's network address; stored for a day
    pub client: Option<IpAddr>,
}

impl Charge {
    /// The order as the provider shows it to the shopper: `Order S-7K3M9QXD`.
    #[must_use]
    pub fn description(&self) -> String {
        match &self.order_number {
            Some(number) => format!("Order {}", number.as_str()),
            None => format!("Order {}", self.order),
        }
    }
}

#[cfg(test)]
mod tests;
