//! Payments, and the rules they keep. Cards have a file of their own.

pub mod card;

use money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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

/// A wish to be paid for an order.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Request {
    /// For which order
    pub order: Uuid,
    /// How much
    #[schema(value_type = Money)]
    pub amount: Amount,
    /// By which means
    pub payment_method: MethodId,
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
}

impl Decline {
    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::InsufficientFunds => "insufficient_funds",
        }
    }
}

impl TryFrom<String> for Decline {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        [Self::Card, Self::InsufficientFunds]
            .into_iter()
            .find(|decline| decline.as_str() == text)
            .ok_or(Malformed("no reason to decline"))
    }
}

/// What has become of a payment.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The provider has not answered yet.
    Pending,
    /// The bank holds the money back for us.
    Authorised,
    /// The money is ours.
    Captured,
    /// We do not want it after all.
    Voided,
    /// The bank does not pay.
    Declined,
}

impl Status {
    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Voided => "voided",
            Self::Declined => "declined",
        }
    }
}

impl TryFrom<String> for Status {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        [
            Self::Pending,
            Self::Authorised,
            Self::Captured,
            Self::Voided,
            Self::Declined,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or(Malformed("no status of a payment"))
    }
}

/// What can be done with an authorised payment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// Take the money.
    Capture,
    /// Let it go.
    Void,
}

impl Change {
    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Void => "void",
        }
    }

    /// What has become of the payment when it is done.
    #[must_use]
    pub fn outcome(self) -> Status {
        match self {
            Self::Capture => Status::Captured,
            Self::Void => Status::Voided,
        }
    }
}

/// Money for an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Payment {
    /// Its name
    pub id: Uuid,
    /// For which order
    pub order: Uuid,
    /// How much
    #[schema(value_type = Money)]
    pub amount: Amount,
    /// What has become of it
    pub status: Status,
    /// How much of it is ours
    pub captured: Money,
}

impl Payment {
    /// A payment that has come so far.
    #[must_use]
    pub fn new(id: Uuid, order: Uuid, amount: Amount, status: Status) -> Self {
        let captured = match status {
            Status::Captured => amount.0,
            _ => Money::new(0, amount.0.currency),
        };
        Self {
            id,
            order,
            amount,
            status,
            captured,
        }
    }
}

#[cfg(test)]
mod tests;
