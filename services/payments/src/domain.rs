//! Payments, and the rules they keep: where they stand in `status`, what moves in `movement`, both together in `account`.

mod account;
pub mod card;
mod movement;
mod payment;
mod status;

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

pub use account::{Account, Ask, Claim, News, Objection, Standing};
pub use movement::{Asked, Entry, Kind, Movement, Progress, Reference, Refund, Wish};
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
    /// Where the shopper comes back to, if their bank wants to hear from them
    #[schema(value_type = Option<String>, pattern = "^https?://[!-~]*$", max_length = 2000)]
    pub return_url: Option<ReturnUrl>,
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
}

impl Decline {
    const ALL: [Self; 3] = [Self::Card, Self::InsufficientFunds, Self::Authentication];

    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::InsufficientFunds => "insufficient_funds",
            Self::Authentication => "authentication",
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
pub struct Kept {
    /// What stands for it
    pub token: Token,
    /// The same each time that it is kept, and no other card's; none where the provider tells none
    pub fingerprint: Option<String>,
}

/// The provider's name for a payment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authorisation(pub String);

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
    /// How much
    pub amount: Amount,
    /// The card
    pub token: Token,
    /// Where the shopper comes back to who has answered their bank
    pub return_url: Option<ReturnUrl>,
}

#[cfg(test)]
mod tests;
