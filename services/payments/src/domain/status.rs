//! Where payments stand, and the ways between.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Malformed;

/// What has become of a payment.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The provider has not answered yet.
    Pending,
    /// The shopper is to do something first: answer their bank, or pay on the provider's page.
    RequiresAction,
    /// The bank holds the money back for us.
    Authorised,
    /// The money is ours; some of it may have been given back.
    Captured,
    /// All that was ours has been given back.
    Refunded,
    /// We do not want it after all.
    Voided,
    /// The bank does not pay.
    Declined,
    /// The shopper did not pay while they could.
    Expired,
}

/// What may happen to a payment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// The bank asks the shopper.
    Challenge,
    /// The bank holds the money back.
    Authorise,
    /// The bank does not.
    Decline,
    /// The shopper can no longer pay.
    Expire,
    /// We take the money, or a part of it.
    Capture,
    /// We let it go.
    Void,
    /// We give a part of it back.
    Refund,
    /// We give back all that is left.
    RefundRest,
}

/// Every way there is. A status that none begins at is final.
pub const WAYS: [(Status, Step, Status); 13] = [
    (Status::Pending, Step::Challenge, Status::RequiresAction),
    (Status::Pending, Step::Authorise, Status::Authorised),
    (Status::Pending, Step::Decline, Status::Declined),
    (Status::Pending, Step::Void, Status::Voided),
    (Status::Pending, Step::Expire, Status::Expired),
    (Status::RequiresAction, Step::Authorise, Status::Authorised),
    (Status::RequiresAction, Step::Decline, Status::Declined),
    (Status::RequiresAction, Step::Void, Status::Voided),
    (Status::RequiresAction, Step::Expire, Status::Expired),
    (Status::Authorised, Step::Capture, Status::Captured),
    (Status::Authorised, Step::Void, Status::Voided),
    (Status::Captured, Step::Refund, Status::Captured),
    (Status::Captured, Step::RefundRest, Status::Refunded),
];

impl Status {
    /// Each of them once.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::RequiresAction,
        Self::Authorised,
        Self::Captured,
        Self::Refunded,
        Self::Voided,
        Self::Declined,
        Self::Expired,
    ];

    /// Where a step leads from here, if it can be taken.
    #[must_use]
    pub fn after(self, step: Step) -> Option<Self> {
        let way = WAYS.iter().find(|(from, by, _)| (*from, *by) == (self, step));
        way.map(|(.., to)| *to)
    }

    /// Whether nothing leads on from here.
    #[must_use]
    pub fn is_final(self) -> bool {
        WAYS.iter().all(|(from, ..)| *from != self)
    }

    /// Whether no money is held or taken, nor will be.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        matches!(self, Self::Voided | Self::Declined | Self::Expired)
    }

    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::RequiresAction => "requires_action",
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Refunded => "refunded",
            Self::Voided => "voided",
            Self::Declined => "declined",
            Self::Expired => "expired",
        }
    }
}

impl TryFrom<String> for Status {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(Malformed("no status of a payment"))
    }
}
