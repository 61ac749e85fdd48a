//! Payment options, from which shoppers choose.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use values::Malformed;

/// How the shopper pays:
///
/// - `card`: by card, entered in the shop's own form.
/// - `hosted_page`: on the provider's page, to which the shop redirects.
/// - `invoice`: by bank transfer, after the order is placed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethodType {
    Card,
    HostedPage,
    Invoice,
}

impl PaymentMethodType {
    const ALL: [Self; 3] = [Self::Card, Self::HostedPage, Self::Invoice];

    /// The value in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::HostedPage => "hosted_page",
            Self::Invoice => "invoice",
        }
    }
}

impl TryFrom<String> for PaymentMethodType {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or(Malformed::Rule("must be a type of payment method"))
    }
}

/// A way to pay that the shop offers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct PaymentOption {
    /// The provider, for example `stripe`. Send it to create a payment method.
    pub provider: &'static str,
    /// The type of the payment methods that it creates.
    #[serde(rename = "type")]
    pub method_type: PaymentMethodType,
    /// The name to show to the shopper, in English: `Card`, `Stripe`, `Invoice`.
    pub label: &'static str,
    /// Whether payments are simulated and no money moves.
    pub is_test: bool,
    /// The number of days in which an invoice has to be paid. Only options of type `invoice` have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_to_pay: Option<u32>,
}

/// The bank account to which the shopper transfers the money.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct Transfer {
    /// The account holder's name.
    pub account_holder: String,
    /// The account's IBAN ([ISO 13616](https://www.iso.org/standard/81090.html)), without spaces.
    pub iban: String,
    /// The bank's BIC (ISO 9362), if the shop has set one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// The reference that the shopper writes on the transfer: the order number, or the order's id.
    pub reference: String,
    /// When the payment is due.
    pub due_at: DateTime<Utc>,
}
