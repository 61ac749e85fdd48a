//! [Charges](https://docs.stripe.com/api/charges/object): one for each intent that was paid.

use serde_json::{Value, json};

use super::Intent;

pub fn to_json(intent: &Intent) -> Value {
    let Some(id) = &intent.latest_charge else {
        return Value::Null;
    };
    let card = intent.card.as_ref().map(|card| {
        json!({ "brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year })
    });
    json!({
        "id": id,
        "object": "charge",
        "amount": intent.amount,
        "amount_captured": intent.amount_received,
        "amount_refunded": intent.amount_refunded,
        "billing_details": { "address": null, "email": intent.email, "name": null, "phone": null, "tax_id": null },
        "captured": intent.amount_received > 0,
        "created": intent.created,
        "currency": intent.currency,
        "customer": null,
        "description": intent.description,
        "disputed": false,
        "failure_code": null,
        "failure_message": null,
        "livemode": false,
        "metadata": intent.metadata,
        "paid": true,
        "payment_intent": intent.id,
        "payment_method": intent.payment_method,
        "payment_method_details": { "type": "card", "card": card },
        "refunded": intent.amount_received > 0 && intent.amount_refunded == intent.amount_received,
        "status": "succeeded",
    })
}
