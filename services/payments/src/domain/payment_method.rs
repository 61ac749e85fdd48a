//! Payment methods.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::card::{Card, CardBrand};
use super::{PaymentMethodId, PaymentMethodType, TokenizedCard};

/// A request to create a payment method.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreatePaymentMethod {
    /// The `provider` of one of the payment options, for example `stripe`.
    pub provider: String,
    /// The card. Required for options of type `card`, rejected for all others.
    pub card: Option<Card>,
}

/// A payment method. Anyone who knows its id can pay with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentMethod {
    /// The payment method's id.
    pub id: PaymentMethodId,
    /// The provider that handles payments with it, for example `stripe`.
    pub provider: String,
    /// The payment method's type.
    #[serde(rename = "type")]
    pub method_type: PaymentMethodType,
    /// The card. Only payment methods of type `card` have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardSummary>,
    #[serde(skip)]
    #[schema(ignore)]
    pub token: Option<TokenizedCard>,
}

/// What is stored of a card.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CardSummary {
    /// The card network.
    pub brand: CardBrand,
    /// The last four digits of the card number.
    pub last4: String,
}

impl From<&Card> for CardSummary {
    fn from(card: &Card) -> Self {
        Self {
            brand: card.number.brand(),
            last4: card.number.last4().to_owned(),
        }
    }
}

impl PaymentMethod {
    /// The card's fingerprint, if the provider has one.
    #[must_use]
    pub fn fingerprint(&self) -> Option<&str> {
        self.token.as_ref()?.fingerprint.as_deref()
    }
}
