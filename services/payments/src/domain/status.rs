//! The statuses of a payment and the transitions between them.

use serde::Serialize;
use utoipa::ToSchema;
use values::Malformed;

/// The status of a payment:
///
/// - `pending`: the provider has not answered yet.
/// - `requires_action`: the shopper has to pay on the provider's page, or to confirm the payment to their bank. See
///   `redirect_url`.
/// - `authorised`: the money is reserved and can be captured.
/// - `captured`: the money has been captured. A part of it may have been refunded.
/// - `refunded`: all of the captured money has been refunded. Final.
/// - `voided`: the payment was voided before it was captured. Final.
/// - `declined`: the bank or the provider declined the payment. Final.
/// - `expired`: the shopper did not pay in time. Final.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    Pending,
    RequiresAction,
    Authorised,
    Captured,
    Refunded,
    Voided,
    Declined,
    Expired,
}

/// What can happen to a payment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transition {
    RequireAction,
    Authorise,
    Decline,
    Expire,
    Capture,
    Void,
    /// A refund after which captured money remains.
    Refund,
    /// A refund of all that remains.
    RefundRemaining,
}

/// All transitions. A status from which none starts is final.
pub const TRANSITIONS: [(PaymentStatus, Transition, PaymentStatus); 13] = [
    (
        PaymentStatus::Pending,
        Transition::RequireAction,
        PaymentStatus::RequiresAction,
    ),
    (PaymentStatus::Pending, Transition::Authorise, PaymentStatus::Authorised),
    (PaymentStatus::Pending, Transition::Decline, PaymentStatus::Declined),
    (PaymentStatus::Pending, Transition::Void, PaymentStatus::Voided),
    (PaymentStatus::Pending, Transition::Expire, PaymentStatus::Expired),
    (
        PaymentStatus::RequiresAction,
        Transition::Authorise,
        PaymentStatus::Authorised,
    ),
    (
        PaymentStatus::RequiresAction,
        Transition::Decline,
        PaymentStatus::Declined,
    ),
    (PaymentStatus::RequiresAction, Transition::Void, PaymentStatus::Voided),
    (
        PaymentStatus::RequiresAction,
        Transition::Expire,
        PaymentStatus::Expired,
    ),
    (PaymentStatus::Authorised, Transition::Capture, PaymentStatus::Captured),
    (PaymentStatus::Authorised, Transition::Void, PaymentStatus::Voided),
    (PaymentStatus::Captured, Transition::Refund, PaymentStatus::Captured),
    (
        PaymentStatus::Captured,
        Transition::RefundRemaining,
        PaymentStatus::Refunded,
    ),
];

impl PaymentStatus {
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

    /// The status after a transition, if it is allowed from this one.
    #[must_use]
    pub fn after(self, transition: Transition) -> Option<Self> {
        let allowed = TRANSITIONS
            .iter()
            .find(|(from, by, _)| (*from, *by) == (self, transition));
        allowed.map(|(.., to)| *to)
    }

    /// Whether no transition starts from this status.
    #[must_use]
    pub fn is_final(self) -> bool {
        TRANSITIONS.iter().all(|(from, ..)| *from != self)
    }

    /// Whether the payment ended without any money being reserved or captured.
    #[must_use]
    pub fn is_ended_unpaid(self) -> bool {
        matches!(self, Self::Voided | Self::Declined | Self::Expired)
    }

    /// The value in the database.
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

impl TryFrom<String> for PaymentStatus {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(Malformed::Rule("must be the status of a payment"))
    }
}
