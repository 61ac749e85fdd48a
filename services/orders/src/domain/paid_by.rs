//! How an order is paid.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::Malformed;

/// How an order is paid.
///
/// - `card`: by a card entered in the shop's form.
/// - `hosted_page`: on a payment provider's page.
/// - `invoice`: by bank transfer, after the order is confirmed.
/// - `other`: in a way that this version of orders does not know.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaidBy {
    Card,
    HostedPage,
    Invoice,
    #[serde(other)]
    Other,
}

impl PaidBy {
    const ALL: [Self; 4] = [Self::Card, Self::HostedPage, Self::Invoice, Self::Other];

    /// The text in the database.
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
        found.ok_or(Malformed::Rule("must be a known way to pay"))
    }
}
