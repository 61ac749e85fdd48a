//! What Stripe answers, as far as we read it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{Decline, Kept, Progress, Reference, Standing, Token};

/// Anything of which only the name counts.
#[derive(Deserialize)]
pub struct Named {
    pub id: String,
}

/// A [PaymentMethod](https://docs.stripe.com/api/payment_methods/object) of a card.
#[derive(Deserialize)]
pub struct Method {
    pub id: String,
    #[serde(default)]
    card: Option<Fingerprinted>,
}

#[derive(Deserialize)]
struct Fingerprinted {
    #[serde(default)]
    fingerprint: Option<String>,
}

impl Method {
    /// What stands for the card, and how it is known again.
    pub fn kept(self) -> Kept {
        Kept {
            token: Token(self.id),
            fingerprint: self.card.and_then(|card| card.fingerprint),
        }
    }
}

/// Why a card does not pay.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Reason {
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
}

impl Reason {
    pub fn decline(&self) -> Decline {
        let is = |code: &str| {
            [&self.code, &self.decline_code]
                .into_iter()
                .flatten()
                .any(|found| found == code)
        };
        match () {
            () if is("insufficient_funds") => Decline::InsufficientFunds,
            () if is("authentication_required") || is("payment_intent_authentication_failure") => {
                Decline::Authentication
            }
            () => Decline::Card,
        }
    }
}

/// A [PaymentIntent](https://docs.stripe.com/api/payment_intents/object).
#[derive(Deserialize)]
pub struct Intent {
    pub id: String,
    status: String,
    #[serde(default)]
    amount_received: Option<i64>,
    #[serde(default)]
    last_payment_error: Option<Reason>,
    #[serde(default)]
    next_action: Option<Value>,
}

impl Intent {
    pub fn standing(&self) -> Standing {
        match self.status.as_str() {
            "requires_confirmation" => Standing::Unasked,
            "requires_action" => Standing::RequiresAction(self.address()),
            "requires_capture" => Standing::Authorised,
            "succeeded" => Standing::Captured(self.amount_received),
            "canceled" => Standing::Voided,
            // It had a card when it was opened: the bank did not take it.
            "requires_payment_method" => {
                let reason = self.last_payment_error.as_ref();
                Standing::Declined(reason.map_or(Decline::Card, Reason::decline))
            }
            _ => Standing::Processing,
        }
    }

    /// Where the shopper is to go. There is none where we did not say where they come back to.
    fn address(&self) -> Option<String> {
        let action = self.next_action.as_ref()?;
        let places = ["/redirect_to_url/url", "/use_stripe_sdk/stripe_js"];
        let mut found = places.iter().filter_map(|place| action.pointer(place)?.as_str());
        found.find(|url| url.starts_with("https://")).map(str::to_owned)
    }
}

/// A [Refund](https://docs.stripe.com/api/refunds/object).
#[derive(Deserialize)]
pub struct Refund {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    pub payment_intent: Option<String>,
    #[serde(default)]
    pub failure_reason: Option<String>,
}

impl Refund {
    pub fn progress(&self) -> Progress {
        match self.status.as_deref() {
            Some("succeeded") => Progress::Done,
            Some("failed" | "canceled") => Progress::Refused,
            _ => Progress::Pending,
        }
    }

    /// Ours, if we asked for it.
    pub fn reference(&self) -> Option<Reference> {
        self.metadata.get("reference")?.parse().ok()
    }
}

/// A page.
#[derive(Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// An [Event](https://docs.stripe.com/api/events/object).
#[derive(Deserialize)]
pub struct Event {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub data: Data,
}

/// What an event is about.
#[derive(Deserialize)]
pub struct Data {
    pub object: Value,
}
