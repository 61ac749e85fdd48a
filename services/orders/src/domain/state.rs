//! How far an order is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Malformed;

/// How far an order is. Each state says what is known to have happened; the step that comes next
/// may have been tried.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is written down.
    Placed,
    /// Its units are held.
    Reserved,
    /// The shopper is to pay on a provider's page, or to answer their bank.
    AwaitingPayment,
    /// Its payment is authorised.
    Authorised,
    /// It stands: from here on it is the shop that owes something.
    Confirmed,
    /// Its units have left the shelf, and it is paid, or the shopper owes it on account.
    Completed,
    /// It was refused: out of stock, or the card was declined.
    Rejected,
    /// It could not be placed, and nobody is to blame for it but us.
    Failed,
    /// Its shopper gave it up before it was decided; or it stood, and could not be kept: the units or the money turned
    /// out to be gone. All goes back.
    Cancelled,
}

impl State {
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

    /// Whether this may come next. The table is drawn in the README.
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

    /// Whether the shopper may be told that the order stands.
    #[must_use]
    pub fn is_acknowledged(self) -> bool {
        matches!(self, Self::Confirmed | Self::Completed)
    }

    /// Whether the order came to nothing.
    #[must_use]
    pub fn is_given_up(self) -> bool {
        matches!(self, Self::Rejected | Self::Failed | Self::Cancelled)
    }

    /// Whether the shopper can still give it up.
    #[must_use]
    pub fn is_undecided(self) -> bool {
        !self.is_acknowledged() && !self.is_given_up()
    }

    /// As it is written down: a process of before may read it.
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

impl TryFrom<String> for State {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| Malformed::new("no state of an order"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stands_is_not_taken_back_but_where_it_cannot_be_kept() {
        for from in State::ALL.into_iter().filter(|state| state.is_acknowledged()) {
            for next in State::ALL.into_iter().filter(|state| !state.is_acknowledged()) {
                let cannot_be_kept = (from, next) == (State::Confirmed, State::Cancelled);
                assert_eq!(from.may_become(next), cannot_be_kept, "{from:?} to {next:?}");
            }
        }
    }

    #[test]
    fn every_state_but_the_last_ones_leads_on() {
        for from in State::ALL {
            let leads_on = State::ALL.into_iter().any(|next| from.may_become(next));
            assert_eq!(leads_on, from != State::Completed && !from.is_given_up(), "{from:?}");
            assert_eq!(State::try_from(from.as_str().to_owned()).unwrap(), from);
            let told = serde_json::to_value(from).unwrap();
            assert!(told == from.as_str() || (from == State::AwaitingPayment && told == json!("awaiting_payment")));
        }
    }
}
