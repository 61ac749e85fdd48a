//! Stripe's objects, with the fields that are read.

use std::collections::BTreeMap;

use axum::http::Uri;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::{
    Decline, MovementReference, MovementStatus, PaymentUpdate, ProviderPayment, ProviderPaymentId, ProviderStatus,
};

/// Our ids in Stripe's objects.
type Metadata = BTreeMap<String, String>;

fn payment_id(metadata: &Metadata) -> Option<Uuid> {
    metadata.get("payment")?.parse().ok()
}

/// An intent: [expanded](https://docs.stripe.com/expand) if the request asked for it, else its id.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Expandable {
    Id(String),
    Expanded(Box<Intent>),
}

impl Expandable {
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Expanded(intent) => &intent.id,
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
    pub fn into_provider_payment(self) -> ProviderPayment {
        let id = ProviderPaymentId(self.id);
        let with_session_id = |status| ProviderPayment { id: id.clone(), status };
        match (self.status.as_deref(), self.payment_intent) {
            (Some("open"), _) => {
                with_session_id(ProviderStatus::RequiresAction(self.url.filter(|url| is_web_page(url))))
            }
            (Some("expired"), _) => with_session_id(ProviderStatus::Expired),
            (Some("complete"), Some(Expandable::Expanded(intent))) => intent.into_provider_payment(),
            _ => with_session_id(ProviderStatus::Processing),
        }
    }

    /// The payment's new id: that of its intent.
    pub fn new_id(&self) -> Option<PaymentUpdate> {
        let intent = self.payment_intent.as_ref()?;
        Some(PaymentUpdate::ProviderPaymentId(ProviderPaymentId(
            intent.id().to_owned(),
        )))
    }

    pub fn payment_id(&self) -> Option<Uuid> {
        self.metadata.as_ref().and_then(payment_id)
    }
}

fn is_web_page(url: &str) -> bool {
    let url = url.parse::<Uri>();
    url.is_ok_and(|url| matches!(url.scheme_str(), Some("http" | "https")))
}

/// Why the last attempt to pay failed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PaymentFailure {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
}

impl PaymentFailure {
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
    last_payment_error: Option<PaymentFailure>,
    #[serde(default)]
    next_action: Option<Value>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

impl Intent {
    pub fn into_provider_payment(self) -> ProviderPayment {
        let status = self.status();
        ProviderPayment {
            id: ProviderPaymentId(self.id),
            status,
        }
    }

    pub fn payment_id(&self) -> Option<Uuid> {
        self.metadata.as_ref().and_then(payment_id)
    }

    fn status(&self) -> ProviderStatus {
        match self.status.as_str() {
            "requires_confirmation" => ProviderStatus::Unconfirmed,
            "requires_action" => ProviderStatus::RequiresAction(self.redirect_url()),
            "requires_capture" => ProviderStatus::Authorised,
            "succeeded" => ProviderStatus::Captured(self.amount_received),
            "canceled" => ProviderStatus::Voided,
            // The intent had a card when it was created, which the bank has declined.
            "requires_payment_method" => {
                let reason = self.last_payment_error.as_ref();
                ProviderStatus::Declined(reason.map_or(Decline::Card, PaymentFailure::decline))
            }
            _ => ProviderStatus::Processing,
        }
    }

    /// The bank's page. There is none if the request had no return URL.
    fn redirect_url(&self) -> Option<String> {
        let action = self.next_action.as_ref()?;
        let pointers = ["/redirect_to_url/url", "/use_stripe_sdk/stripe_js"];
        let mut found = pointers.iter().filter_map(|pointer| action.pointer(pointer)?.as_str());
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
    pub fn progress(&self) -> MovementStatus {
        match self.status.as_deref() {
            Some("succeeded") => MovementStatus::Done,
            Some("failed" | "canceled") => MovementStatus::Refused,
            _ => MovementStatus::Pending,
        }
    }

    /// Our reference, if we requested the refund.
    pub fn reference(&self) -> Option<MovementReference> {
        self.metadata.as_ref()?.get("reference")?.parse().ok()
    }
}

/// One page of a list.
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

#[derive(Deserialize)]
pub struct Data {
    pub object: Value,
}
