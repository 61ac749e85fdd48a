//! What Stripe answers, as far as we read it.

use std::collections::BTreeMap;

use axum::http::Uri;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{Decline, Progress, ProviderPayment, ProviderPaymentId, ProviderStatus, Reference, Update};

/// What a payment of ours is made known by.
type Metadata = BTreeMap<String, String>;

fn reference(metadata: &Metadata) -> Option<Uuid> {
    metadata.get("payment")?.parse().ok()
}

/// Something that is there as a whole where that was asked for, and by its name elsewhere.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Expandable {
    Id(String),
    Whole(Box<Intent>),
}

impl Expandable {
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Whole(intent) => &intent.id,
        }
    }
}

/// A [Checkout Session](https://docs.stripe.com/api/checkout/sessions/object).
#[derive(Deserialize)]
pub struct Session {
    id: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    pub payment_intent: Option<Expandable>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

impl Session {
    /// The payment that it is the page of.
    pub fn payment(self) -> ProviderPayment {
        let id = ProviderPaymentId(self.id);
        let of_session = |status| ProviderPayment { id: id.clone(), status };
        match (self.status.as_deref(), self.payment_intent) {
            (Some("open"), _) => of_session(ProviderStatus::RequiresAction(self.url.filter(|url| is_web_page(url)))),
            (Some("expired"), _) => of_session(ProviderStatus::Expired),
            (Some("complete"), Some(Expandable::Whole(intent))) => intent.payment(),
            _ => of_session(ProviderStatus::Processing),
        }
    }

    /// What the payment is called from now on.
    pub fn renamed(&self) -> Option<Update> {
        let intent = self.payment_intent.as_ref()?;
        Some(Update::Renamed(ProviderPaymentId(intent.id().to_owned())))
    }

    /// The payment of ours that it is for.
    pub fn reference(&self) -> Option<Uuid> {
        self.metadata.as_ref().and_then(reference)
    }
}

fn is_web_page(url: &str) -> bool {
    let url = url.parse::<Uri>();
    url.is_ok_and(|url| matches!(url.scheme_str(), Some("http" | "https")))
}

/// Why a card does not pay.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Reason {
    #[serde(default)]
    code: Option<String>,
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
    id: String,
    status: String,
    #[serde(default)]
    amount_received: Option<i64>,
    #[serde(default)]
    last_payment_error: Option<Reason>,
    #[serde(default)]
    next_action: Option<Value>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

impl Intent {
    /// The payment whose money it is.
    pub fn payment(self) -> ProviderPayment {
        let status = self.status();
        ProviderPayment {
            id: ProviderPaymentId(self.id),
            status,
        }
    }

    /// The payment of ours that it is for.
    pub fn reference(&self) -> Option<Uuid> {
        self.metadata.as_ref().and_then(reference)
    }

    fn status(&self) -> ProviderStatus {
        match self.status.as_str() {
            "requires_confirmation" => ProviderStatus::Unconfirmed,
            "requires_action" => ProviderStatus::RequiresAction(self.address()),
            "requires_capture" => ProviderStatus::Authorised,
            "succeeded" => ProviderStatus::Captured(self.amount_received),
            "canceled" => ProviderStatus::Voided,
            // It had a card when it was opened: the bank did not take it.
            "requires_payment_method" => {
                let reason = self.last_payment_error.as_ref();
                ProviderStatus::Declined(reason.map_or(Decline::Card, Reason::decline))
            }
            _ => ProviderStatus::Processing,
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
    metadata: Option<Metadata>,
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
        self.metadata.as_ref()?.get("reference")?.parse().ok()
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
