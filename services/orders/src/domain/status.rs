//! The status of an order.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::Malformed;

/// The status of an order. It is saved before the next step begins, so the next step may already have been tried.
///
/// - `placed`: saved.
/// - `reserved`: its units are reserved.
/// - `awaiting_payment`: the shopper must pay on the provider's page, or confirm the payment with their bank, at
///   `redirect_url`.
/// - `authorised`: its payment is authorised.
/// - `confirmed`: accepted; the shop owes the goods.
/// - `completed`: its units are taken from stock, and it is paid or, with `paid_by` `invoice`, will be.
/// - `rejected`: out of stock, payment declined, or not paid in time.
/// - `failed`: not placed, because a part of the shop did not answer.
/// - `cancelled`: cancelled by the shopper before it was confirmed, or by the shop because its units or its payment were
///   lost afterwards.
///
/// Units and money of a `rejected`, `failed` or `cancelled` order are returned.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    Placed,
    Reserved,
    AwaitingPayment,
    Authorised,
    Confirmed,
    Completed,
    Rejected,
    Failed,
    Cancelled,
}

impl OrderStatus {
    const ALL: [Self; 9] = [
        Self::Placed,
        Self::Reserved,
        Self::AwaitingPayment,
        Self::Authorised,
        Self::Confirmed,
        Self::Completed,
        Self::Rejected,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Whether `next` may follow. The README has a diagram.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (
                Self::Placed,
                Self::Reserved | Self::Rejected | Self::Failed | Self::Cancelled
            ) | (
                Self::Reserved,
                Self::AwaitingPayment | Self::Authorised | Self::Rejected | Self::Failed | Self::Cancelled
            ) | (
                Self::AwaitingPayment,
                Self::Authorised | Self::Rejected | Self::Failed | Self::Cancelled
            ) | (Self::Authorised, Self::Confirmed | Self::Failed)
                | (Self::Confirmed, Self::Completed | Self::Cancelled)
        )
    }

    /// Whether the order is confirmed or completed.
    #[must_use]
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Confirmed | Self::Completed)
    }

    /// Whether the order is rejected, failed or cancelled.
    #[must_use]
    pub fn is_unsuccessful(self) -> bool {
        matches!(self, Self::Rejected | Self::Failed | Self::Cancelled)
    }

    /// Whether the order may still be accepted, and can still be cancelled by its shopper.
    #[must_use]
    pub fn is_pending(self) -> bool {
        !self.is_accepted() && !self.is_unsuccessful()
    }

    /// The text in the database. `AwaitingPayment` keeps its former one, which stored rows have.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Reserved => "reserved",
            Self::AwaitingPayment => "authenticating",
            Self::Authorised => "authorised",
            Self::Confirmed => "confirmed",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl TryFrom<String> for OrderStatus {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or(Malformed::Rule("must be a status of an order"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_confirmed_order_can_be_cancelled_after_it_was_accepted() {
        for from in OrderStatus::ALL.into_iter().filter(|status| status.is_accepted()) {
            for next in OrderStatus::ALL.into_iter().filter(|state| !state.is_accepted()) {
                let is_cancellation = (from, next) == (OrderStatus::Confirmed, OrderStatus::Cancelled);
                assert_eq!(from.may_become(next), is_cancellation, "{from:?} to {next:?}");
            }
        }
    }

    #[test]
    fn every_status_but_the_final_ones_has_a_next_one() {
        for from in OrderStatus::ALL {
            let has_next = OrderStatus::ALL.into_iter().any(|next| from.may_become(next));
            assert_eq!(
                has_next,
                from != OrderStatus::Completed && !from.is_unsuccessful(),
                "{from:?}"
            );
            assert_eq!(OrderStatus::try_from(from.as_str().to_owned()).unwrap(), from);
            let json = serde_json::to_value(from).unwrap();
            assert!(
                json == from.as_str() || (from == OrderStatus::AwaitingPayment && json == json!("awaiting_payment"))
            );
        }
    }
}
