//! What shoppers choose from to pay, and what they need for it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Malformed;

/// How the shopper pays.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MethodType {
    /// By a card that is typed into the shop's own form.
    Card,
    /// On a page of the provider's, to which the shop sends them.
    HostedPage,
    /// By a bank transfer, after the order stands.
    Invoice,
}

impl MethodType {
    const ALL: [Self; 3] = [Self::Card, Self::HostedPage, Self::Invoice];

    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::HostedPage => "hosted_page",
            Self::Invoice => "invoice",
        }
    }
}

impl TryFrom<String> for MethodType {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or(Malformed("no type of a payment method"))
    }
}

/// A way to pay that is on offer.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct PaymentOption {
    /// Whose it is: what a payment method is asked for with
    pub provider: &'static str,
    /// How it works
    #[serde(rename = "type")]
    pub method_type: MethodType,
    /// Whose name the shopper sees
    pub label: &'static str,
    /// Whether no money moves
    pub is_test: bool,
    /// Days that an invoice gives the shopper
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_to_pay: Option<u32>,
}

/// Where the shopper transfers the money to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct Transfer {
    /// Whose account it is
    pub account_holder: String,
    /// Its number, [ISO 13616](https://www.iso.org/standard/81090.html), without spaces
    pub iban: String,
    /// Its bank, ISO 9362, where that is told
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// What the shopper writes on it, so that it is recognised
    pub reference: String,
    /// Until when
    pub due_at: DateTime<Utc>,
}
