//! How an order is paid.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Malformed;

/// How an order is paid.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    /// By a card that was typed into the shop's form.
    Card,
    /// On a page of a payment provider's.
    HostedPage,
    /// By a bank transfer, after the order stands.
    Invoice,
    /// In a way that payments has come to know since.
    #[serde(other)]
    Other,
}

impl PaidBy {
    const ALL: [Self; 4] = [Self::Card, Self::HostedPage, Self::Invoice, Self::Other];

    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::HostedPage => "hosted_page",
            Self::Invoice => "invoice",
            Self::Other => "other",
        }
    }
}

impl TryFrom<String> for PaidBy {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|paid_by| paid_by.as_str() == text);
        found.ok_or_else(|| Malformed::new("no way to pay"))
    }
}
