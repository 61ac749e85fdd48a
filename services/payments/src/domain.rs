//! Payments, and the rules they keep: where they stand in `status`, what moves in `movement`, both together in `account`.

mod account;
pub mod card;
mod method;
mod movement;
mod option;
mod payment;
mod status;

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

pub use account::{Account, Attempt, Claim, Objection, ProviderStatus, Update};
pub use method::{CardSummary, Method, MethodRequest};
pub use movement::{Asked, Entry, Kind, Movement, Progress, Reference, Refund, Wish};
pub use option::{MethodType, PaymentOption, Transfer};
pub use payment::{Action, Payment};
pub use status::{Status, Step, WAYS};

/// The most that card networks can carry: twelve digits (ISO 8583, field 4).
const MOST: i64 = 999_999_999_999;

/// Why a value is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(&'static str);

/// The name of a payment method. Who knows it can charge the card, so it cannot be guessed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^pm_[0-9a-f]{32}$")]
pub struct MethodId(String);

impl MethodId {
    /// The name made of a random id.
    #[must_use]
    pub fn new(random: Uuid) -> Self {
        Self(format!("pm_{}", random.simple()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MethodId {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let is_hex =
            |rest: &str| rest.len() == 32 && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match text.strip_prefix("pm_") {
            Some(rest) if is_hex(rest) => Ok(Self(text)),
            _ => Err(Malformed("must be the id of a payment method")),
        }
    }
}

/// Money to be paid: more than none, and no more than twelve digits.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Money", into = "Money")]
pub struct Amount(Money);

impl Amount {
    /// In which currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.0.currency
    }
}

impl TryFrom<Money> for Amount {
    type Error = Malformed;

    fn try_from(money: Money) -> Result<Self, Malformed> {
        match money.minor {
            1..=MOST => Ok(Self(money)),
            ..=0 => Err(Malformed("must be more than zero")),
            _ => Err(Malformed("must be at most twelve digits")),
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

/// Where a shopper comes back to: an http address of at most 2000 characters.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct ReturnUrl(String);

impl ReturnUrl {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ReturnUrl {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let is_http = text.starts_with("http://") || text.starts_with("https://");
        let fits = text.len() <= 2000 && text.bytes().all(|byte| byte.is_ascii_graphic());
        (is_http && fits)
            .then_some(Self(text))
            .ok_or(Malformed("must be an http address"))
    }
}

/// A wish to be paid for an order.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Request {
    /// For which order
    pub order: Uuid,
    /// How much
    pub amount: Amount,
    /// By which means
    pub payment_method: MethodId,
    /// Where the shopper comes back to, from their bank or from a provider's page
    #[schema(value_type = Option<String>, pattern = "^https?://[!-~]*$", max_length = 2000)]
    pub return_url: Option<ReturnUrl>,
    /// What people call the order: shoppers read it at the provider and write it on a transfer
    #[schema(value_type = Option<String>, pattern = "^[!-~]{1,32}$")]
    pub order_number: Option<OrderNumber>,
    /// Where the shopper reads mail: a provider's page need not ask for it. Not kept
    #[schema(value_type = Option<String>, max_length = 254)]
    pub email: Option<Email>,
    /// Until when a shopper has time to pay on a provider's page; whoever asks ends the payment then (`expire`), and the
    /// provider does so later, should nobody else
    pub expires_at: Option<DateTime<Utc>>,
}

/// What people call an order: 1 to 32 visible ASCII characters.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct OrderNumber(String);

impl OrderNumber {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OrderNumber {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let fits = is_name(&text) && text.len() <= 32;
        fits.then_some(Self(text))
            .ok_or(Malformed("must be 1 to 32 visible ASCII characters"))
    }
}

/// Where somebody reads mail.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Email(String);

impl Email {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text::email(&text)
            .map(Self)
            .map_err(|_| Malformed("must be an e-mail address"))
    }
}

/// A wish to capture.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct CaptureRequest {
    /// How much; all that is authorised where nothing is said
    pub amount: Option<Amount>,
}

/// A wish to have money given back.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct RefundRequest {
    /// How much; all that is left where nothing is said
    pub amount: Option<Amount>,
}

/// A rule that a field breaks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Where, as a JSON pointer: `/expiry`
    pub pointer: &'static str,
    /// What is wrong, for people
    pub detail: &'static str,
}

/// Why a bank does not pay.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Decline {
    /// It does not say.
    #[error("The bank declined this card.")]
    Card,
    /// There is too little to pay from.
    #[error("There is not enough money on this card.")]
    InsufficientFunds,
    /// The shopper did not show that it was they.
    #[error("Your bank could not confirm that it was you.")]
    Authentication,
    /// It is too much to be owed, or too often.
    #[error("This order cannot be paid by invoice. Please choose another way to pay.")]
    Credit,
}

impl Decline {
    const ALL: [Self; 4] = [Self::Card, Self::InsufficientFunds, Self::Authentication, Self::Credit];

    /// As it is written down.
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
            .ok_or(Malformed("no reason to decline"))
    }
}

/// Stands for a card at the provider.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token(pub String);

/// A card that the provider has kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenisedCard {
    /// What stands for it
    pub token: Token,
    /// The same each time that it is kept, and no other card's; none where the provider tells none
    pub fingerprint: Option<String>,
}

/// What the provider calls a payment. It may have two names: that of the page on which it is paid, and from then on that of
/// the money.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProviderPaymentId(pub String);

/// A payment as its provider has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProviderPayment {
    /// What it is called there by now
    pub id: ProviderPaymentId,
    /// Where it stands
    pub status: ProviderStatus,
}

/// Names of others' making: 1 to 255 visible ASCII characters.
#[must_use]
pub fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What a provider is asked to authorise.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Charge {
    /// Our name for it: the payment's id
    pub reference: Uuid,
    /// For which order
    pub order: Uuid,
    /// What people call that
    pub order_number: Option<OrderNumber>,
    /// How much
    pub amount: Amount,
    /// The card, where the shopper has typed one into our form
    pub token: Option<Token>,
    /// Where the shopper comes back to who has answered their bank, or paid on the provider's page
    pub return_url: Option<ReturnUrl>,
    /// Until when the shopper has time on the provider's page
    pub expires_at: Option<DateTime<Utc>>,
    /// Until when an invoice is to be paid
    pub due_at: Option<DateTime<Utc>>,
    /// Where the shopper reads mail; not kept
    pub email: Option<Email>,
    /// The client that asks, for a day
    pub client: Option<IpAddr>,
}

impl Charge {
    /// The order in a few words, as the shopper reads them at the provider.
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
