//! [Refunds](https://docs.stripe.com/api/refunds/object).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Metadata;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Refund {
    pub id: String,
    pub created: i64,
    pub payment_intent: String,
    pub charge: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub reason: Option<String>,
    pub metadata: Metadata,
    pub failure_reason: Option<String>,
}

impl Refund {
    pub fn to_json(&self) -> Value {
        let mut to_json = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "customer_account": null,
            "destination_details": { "type": "card", "card": { "type": "refund" } },
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method": null,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": self.status,
            "transfer_reversal": null,
        });
        if let Some(reason) = &self.failure_reason {
            to_json["failure_reason"] = reason.as_str().into();
        }
        if self.status == "pending" {
            to_json["pending_reason"] = "processing".into();
        }
        to_json
    }
}
