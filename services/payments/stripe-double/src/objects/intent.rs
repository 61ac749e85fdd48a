//! [PaymentIntents](https://docs.stripe.com/api/payment_intents/object).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Metadata, Session, charge, merge, new_id};

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Intent {
    pub id: String,
    pub session: String,
    pub created: i64,
    pub status: String,
    pub amount: i64,
    pub amount_capturable: i64,
    pub amount_received: i64,
    pub amount_refunded: i64,
    pub currency: String,
    pub capture_method: String,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub email: Option<String>,
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
    pub last_payment_error: Value,
    pub next_action: Value,
    pub latest_charge: Option<String>,
    pub payment_method: Option<String>,
    pub card: Option<Card>,
}

/// A card without its number and security code.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Card {
    pub brand: String,
    pub last4: String,
    pub exp_month: i64,
    pub exp_year: i64,
}

impl Intent {
    pub fn new(session: &Session, now: i64) -> Self {
        let data = &session.params.payment_intent_data;
        Self {
            id: new_id("pi_"),
            session: session.id.clone(),
            created: now,
            status: "requires_payment_method".to_owned(),
            amount: session.amount_total,
            amount_capturable: 0,
            amount_received: 0,
            amount_refunded: 0,
            currency: session.currency.clone(),
            capture_method: data
                .capture_method
                .clone()
                .unwrap_or_else(|| "automatic_async".to_owned()),
            description: data.description.clone(),
            metadata: data.metadata.clone(),
            email: session.email.clone(),
            canceled_at: None,
            cancellation_reason: None,
            last_payment_error: Value::Null,
            next_action: Value::Null,
            latest_charge: None,
            payment_method: None,
            card: None,
        }
    }

    pub fn is_manual(&self) -> bool {
        self.capture_method == "manual"
    }

    /// The card is charged: the money is reserved, or captured at once.
    pub fn pay(&mut self, card: Card) {
        self.card = Some(card);
        self.latest_charge = Some(new_id("ch_"));
        self.payment_method = Some(new_id("pm_"));
        self.last_payment_error = Value::Null;
        self.next_action = Value::Null;
        self.amount_capturable = self.amount;
        self.status = String::from("requires_capture");
        if !self.is_manual() {
            self.capture(self.amount);
        }
    }

    pub fn capture(&mut self, amount: i64) {
        self.amount_received = amount;
        self.amount_capturable = 0;
        self.status = String::from("succeeded");
    }

    /// The bank requires authentication.
    pub fn require_action(&mut self, card: Card, url: &str) {
        self.card = Some(card);
        self.payment_method = Some(new_id("pm_"));
        self.last_payment_error = Value::Null;
        self.next_action = json!({ "type": "redirect_to_url", "redirect_to_url": { "url": url, "return_url": url } });
        self.status = String::from("requires_action");
    }

    /// The bank declines the card.
    pub fn fail(&mut self, error: Value) {
        self.payment_method = None;
        self.next_action = Value::Null;
        self.last_payment_error = error;
        self.status = String::from("requires_payment_method");
    }

    pub fn cancel(&mut self, reason: Option<String>, now: i64) {
        self.amount_capturable = 0;
        self.canceled_at = Some(now);
        self.cancellation_reason = reason;
        self.next_action = Value::Null;
        self.status = String::from("canceled");
    }

    pub fn to_json(&self) -> Value {
        let own = json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": self.amount_capturable,
            "amount_details": { "tip": {} },
            "amount_received": self.amount_received,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": self.capture_method,
            "client_secret": format!("{}_secret_double", self.id),
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "last_payment_error": self.last_payment_error,
            "latest_charge": self.latest_charge,
            "livemode": false,
            "metadata": self.metadata,
            "next_action": self.next_action,
            "payment_method": self.payment_method,
            "payment_method_options": { "card": {
                "installments": null, "mandate_options": null, "network": null, "request_three_d_secure": "automatic"
            } },
            "payment_method_types": ["card"],
            "status": self.status,
        });
        merge(constants(), own)
    }

    /// The charge, or null if there is none.
    pub fn charge(&self) -> Value {
        charge::to_json(self)
    }
}

/// The fields that are always the same, because the double does not support them.
fn constants() -> Value {
    json!({
        "allowed_payment_method_types": null,
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": null,
        "customer": null,
        "customer_account": null,
        "excluded_payment_method_types": null,
        "managed_payments": null,
        "on_behalf_of": null,
        "payment_method_configuration_details": null,
        "payment_record": null,
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "transfer_data": null,
        "transfer_group": null,
    })
}
