//! Payment methods: what somebody pays with, once.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::card::{Brand, Card};
use super::{MethodId, MethodType, TokenisedCard};

/// A wish for a payment method.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MethodRequest {
    /// Whose, as `GET /payment-options` has it
    pub provider: String,
    /// The card, where its `type` is `card`; nobody else wants to see one
    pub card: Option<Card>,
}

/// What somebody pays with. Whoever knows its id can pay with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Method {
    /// Its name
    pub id: MethodId,
    /// Whose it is
    pub provider: String,
    /// How it works
    #[serde(rename = "type")]
    pub method_type: MethodType,
    /// The card, in the few words that may be kept
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardSummary>,
    /// What the provider has for the card
    #[serde(skip)]
    #[schema(ignore)]
    pub token: Option<TokenisedCard>,
}

/// A card by its network and its last digits.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CardSummary {
    /// The network
    pub brand: Brand,
    /// The number's last four digits
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

impl Method {
    /// The same for every payment by the same card, where the provider tells it.
    #[must_use]
    pub fn fingerprint(&self) -> Option<&str> {
        self.token.as_ref()?.fingerprint.as_deref()
    }
}
