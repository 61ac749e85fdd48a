//! Movements: what was requested from the provider, or what the provider reported. A payment's totals are sums over them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use money::{Currency, Money};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use values::Malformed;

use crate::domain::Amount;

/// What a movement does:
///
/// - `authorise`: reserves the money.
/// - `capture`: captures the money.
/// - `void`: releases the reserved money.
/// - `expire`: closes the provider's page, unless the shopper has already paid.
/// - `refund`: returns captured money.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    Authorise,
    Capture,
    Void,
    Expire,
    Refund,
}

impl MovementKind {
    /// The value in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorise => "authorise",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Expire => "expire",
            Self::Refund => "refund",
        }
    }
}

impl TryFrom<String> for MovementKind {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        [Self::Authorise, Self::Capture, Self::Void, Self::Expire, Self::Refund]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(Malformed::Rule("must be a kind of movement"))
    }
}

/// The progress of a movement or a refund:
///
/// - `pending`: the provider has not confirmed or refused it yet.
/// - `done`: the provider has done it.
/// - `refused`: it was not done and never will be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementStatus {
    Pending,
    Done,
    Refused,
}

impl MovementStatus {
    /// The value in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

impl TryFrom<String> for MovementStatus {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        [Self::Pending, Self::Done, Self::Refused]
            .into_iter()
            .find(|progress| progress.as_str() == text)
            .ok_or(Malformed::Rule("must be the progress of a movement"))
    }
}

/// A request for a refund.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefundRequest {
    /// The id of the new refund
    pub id: Uuid,
    /// The request's `Idempotency-Key`
    pub key: String,
    /// All that is captured and not yet refunded, if none
    pub amount: Option<Amount>,
}

impl RefundRequest {
    /// Equal requests have equal values, by which a repeated key is checked.
    #[must_use]
    pub fn request_hash(&self) -> String {
        match self.amount.map(Money::from) {
            Some(money) => format!("{} {}", money.minor, money.currency.code()),
            None => "all".to_owned(),
        }
    }
}

/// What a movement of kind `refund` has beside the others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefundDetails {
    /// The refund's id
    pub id: Uuid,
    /// The `Idempotency-Key` of its request
    pub key: String,
    /// See [`RefundRequest::request_hash`]
    pub request_hash: String,
}

/// One movement of a payment's money.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Movement {
    /// Numbered from 1 within the payment
    pub number: i64,
    pub kind: MovementKind,
    /// In minor units
    pub amount: i64,
    pub progress: MovementStatus,
    /// Why it was refused
    pub reason: Option<String>,
    /// Only of kind `refund`
    pub refund: Option<RefundDetails>,
    pub created_at: DateTime<Utc>,
    /// When it was done or refused
    pub settled_at: Option<DateTime<Utc>>,
}

impl Movement {
    pub(super) fn settle(&mut self, progress: MovementStatus, reason: Option<&str>, now: DateTime<Utc>) {
        self.progress = progress;
        self.reason = reason.map(str::to_owned);
        self.settled_at = Some(now);
    }
}

/// A movement of a payment's money.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Movement)]
pub struct MovementView {
    /// The movement's number within the payment, counted from 1.
    number: i64,
    /// What the movement does.
    kind: MovementKind,
    /// The amount that it moves. Zero for `expire`.
    amount: Money,
    /// Whether it is pending, done or refused.
    progress: MovementStatus,
    /// Why it was refused, in the provider's words or as a code such as `insufficient_funds` or `voided`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The refund's id. Only movements of kind `refund` have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    refund: Option<Uuid>,
    /// When it was requested from the provider, or first reported by it.
    created_at: DateTime<Utc>,
    /// When it was done or refused. Absent while it is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<DateTime<Utc>>,
}

impl MovementView {
    #[must_use]
    pub fn of(movement: Movement, currency: Currency) -> Self {
        Self {
            number: movement.number,
            kind: movement.kind,
            amount: Money::new(movement.amount, currency),
            progress: movement.progress,
            reason: movement.reason,
            refund: movement.refund.map(|refund| refund.id),
            created_at: movement.created_at,
            settled_at: movement.settled_at,
        }
    }
}

/// Our reference of a movement, which is its idempotency key at the provider: `<payment>-<number>`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MovementReference {
    pub payment_id: Uuid,
    pub number: i64,
}

impl fmt::Display for MovementReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.payment_id, self.number)
    }
}

impl FromStr for MovementReference {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let parts = text.rsplit_once('-');
        parts
            .and_then(|(payment, number)| {
                Some(Self {
                    payment_id: payment.parse().ok()?,
                    number: number.parse().ok()?,
                })
            })
            .ok_or(Malformed::Rule("must be the reference of a movement"))
    }
}

/// A refund of captured money.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Refund {
    /// The refund's id.
    pub id: Uuid,
    /// The refunded amount.
    pub amount: Money,
    /// Whether the refund is pending, done or refused.
    pub status: MovementStatus,
    /// When the refund was requested.
    pub created_at: DateTime<Utc>,
}

impl Refund {
    /// The refund of a movement of kind `refund`.
    #[must_use]
    pub fn of(movement: &Movement, currency: Currency) -> Option<Self> {
        movement.refund.as_ref().map(|refund| Self {
            id: refund.id,
            amount: Money::new(movement.amount, currency),
            status: movement.progress,
            created_at: movement.created_at,
        })
    }
}
