//! Movements: what was asked of the provider or heard from it. A payment's totals can be recomputed from them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use money::{Currency, Money};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Amount, Malformed};

/// What is done with money.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The bank holds it back.
    Authorise,
    /// We take it.
    Capture,
    /// We let it go.
    Void,
    /// The shopper can no longer pay, unless they have.
    Expire,
    /// We give it back.
    Refund,
}

impl Kind {
    /// As it is written down.
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

impl TryFrom<String> for Kind {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        [Self::Authorise, Self::Capture, Self::Void, Self::Expire, Self::Refund]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(Malformed("no kind of movement"))
    }
}

/// How far something is that was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Nobody knows yet.
    Pending,
    /// It has happened.
    Done,
    /// It has not, and will not.
    Refused,
}

impl Progress {
    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

impl TryFrom<String> for Progress {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        [Self::Pending, Self::Done, Self::Refused]
            .into_iter()
            .find(|progress| progress.as_str() == text)
            .ok_or(Malformed("no progress of a movement"))
    }
}

/// A wish to have money given back, and the name that the refund is to have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wish {
    /// The refund's name
    pub id: Uuid,
    /// The caller's name for the wish
    pub key: String,
    /// How much; all that is left where nothing is said
    pub amount: Option<Amount>,
}

impl Wish {
    /// Equal wishes have equal texts.
    #[must_use]
    pub fn text(&self) -> String {
        match self.amount.map(Money::from) {
            Some(money) => format!("{} {}", money.minor, money.currency.code()),
            None => "all".to_owned(),
        }
    }
}

/// The refund that a movement is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// Its name
    pub id: Uuid,
    /// The caller's name for the wish
    pub key: String,
    /// The wish, see [`Wish::text`]
    pub wish: String,
}

/// One movement of a payment's money.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Movement {
    /// Its place among the payment's movements, from 1
    pub number: i64,
    /// What is done
    pub kind: Kind,
    /// With how much, in minor units
    pub amount: i64,
    /// How far it is
    pub progress: Progress,
    /// Why there is none
    pub reason: Option<String>,
    /// The refund that it is, if it is one
    pub refund: Option<Asked>,
    /// When it was asked for, or heard of
    pub created_at: DateTime<Utc>,
    /// When it was known to have happened or not
    pub settled_at: Option<DateTime<Utc>>,
}

impl Movement {
    pub(super) fn settle(&mut self, progress: Progress, reason: Option<&str>, now: DateTime<Utc>) {
        self.progress = progress;
        self.reason = reason.map(str::to_owned);
        self.settled_at = Some(now);
    }
}

/// A movement as operators see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entry {
    /// Its place among the payment's movements, from 1
    number: i64,
    /// What is done
    kind: Kind,
    /// With how much
    amount: Money,
    /// How far it is
    progress: Progress,
    /// Why there is none
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The refund that it is, if it is one
    #[serde(skip_serializing_if = "Option::is_none")]
    refund: Option<Uuid>,
    /// When it was asked for, or heard of
    created_at: DateTime<Utc>,
    /// When it was known to have happened or not
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<DateTime<Utc>>,
}

impl Entry {
    /// What there is to see of a movement.
    #[must_use]
    pub fn of(movement: Movement, currency: Currency) -> Self {
        Self {
            number: movement.number,
            kind: movement.kind,
            amount: Money::new(movement.amount, currency),
            progress: movement.progress,
            reason: movement.reason,
            refund: movement.refund.map(|asked| asked.id),
            created_at: movement.created_at,
            settled_at: movement.settled_at,
        }
    }
}

/// Our name for a movement, by which the provider knows it again: `<payment>-<number>`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Reference {
    /// The payment
    pub payment: Uuid,
    /// The movement's number
    pub number: i64,
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.payment, self.number)
    }
}

impl FromStr for Reference {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let parts = text.rsplit_once('-');
        parts
            .and_then(|(payment, number)| {
                Some(Self {
                    payment: payment.parse().ok()?,
                    number: number.parse().ok()?,
                })
            })
            .ok_or(Malformed("no reference of ours"))
    }
}

/// Money that is given back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Refund {
    /// Its name
    pub id: Uuid,
    /// How much
    pub amount: Money,
    /// How far it is
    pub status: Progress,
    /// When it was asked for
    pub created_at: DateTime<Utc>,
}

impl Refund {
    /// The refund that a movement is, if it is one.
    #[must_use]
    pub fn of(movement: &Movement, currency: Currency) -> Option<Self> {
        movement.refund.as_ref().map(|asked| Self {
            id: asked.id,
            amount: Money::new(movement.amount, currency),
            status: movement.progress,
            created_at: movement.created_at,
        })
    }
}
