//! [Checkout Sessions](https://docs.stripe.com/api/checkout/sessions/object).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::merge;
use crate::api::sessions::CreateSession;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Session {
    pub id: String,
    pub created: i64,
    pub expires_at: i64,
    pub status: String,
    pub amount_total: i64,
    pub currency: String,
    pub url: String,
    /// The request that created it
    #[serde(alias = "wish")]
    pub params: CreateSession,
    /// The intent of the first attempt to pay. The API returns it once the session is complete
    pub intent: Option<String>,
    /// The e-mail address from the page
    pub email: Option<String>,
    pub is_paid: bool,
}

impl Session {
    pub fn is_open(&self) -> bool {
        self.status == "open"
    }

    /// The title of the page: the names and quantities of all items.
    pub fn title(&self) -> String {
        let names = self.params.line_items.iter().map(|item| {
            let name = &item.price_data.product_data.name;
            match item.quantity {
                1 => name.clone(),
                quantity => format!("{name} × {quantity}"),
            }
        });
        names.collect::<Vec<_>>().join(", ")
    }

    pub fn to_json(&self) -> Value {
        let own = json!({
            "id": self.id,
            "object": "checkout.session",
            "amount_subtotal": self.amount_total,
            "amount_total": self.amount_total,
            "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "cancel_url": self.params.cancel_url,
            "client_reference_id": self.params.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "custom_fields": [],
            "custom_text": {
                "after_submit": null, "shipping_address": null, "terms_of_service_acceptance": null,
                "submit": self.params.custom_text.as_ref().and_then(|text| text.submit.as_ref()),
            },
            "customer_creation": "if_required",
            "customer_details": self.email.as_ref().map(|email| json!({
                "address": null, "business_name": null, "email": email, "individual_name": null, "name": null,
                "phone": null, "tax_exempt": "none", "tax_ids": []
            })),
            "customer_email": self.params.customer_email,
            "expires_at": self.expires_at,
            "invoice_creation": null,
            "livemode": false,
            "locale": self.params.locale,
            "metadata": self.params.metadata,
            "mode": self.params.mode,
            "payment_intent": self.intent.as_ref().filter(|_| self.status == "complete"),
            "payment_method_collection": "if_required",
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "payment_status": if self.is_paid { "paid" } else { "unpaid" },
            "phone_number_collection": { "enabled": false },
            "shipping_options": [],
            "status": self.status,
            "submit_type": self.params.submit_type,
            "success_url": self.params.success_url,
            "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
            "ui_mode": "hosted_page",
            "url": self.is_open().then_some(&self.url),
        });
        merge(constants(), own)
    }
}

/// The fields that are always the same, because the double does not support them.
fn constants() -> Value {
    json!({
        "adaptive_pricing": { "enabled": false },
        "after_expiration": null,
        "allow_promotion_codes": null,
        "allowed_payment_method_types": null,
        "billing_address_collection": null,
        "client_secret": null,
        "collected_information": null,
        "consent": null,
        "consent_collection": null,
        "currency_conversion": null,
        "customer": null,
        "customer_account": null,
        "discounts": [],
        "integration_identifier": null,
        "invoice": null,
        "managed_payments": { "enabled": false },
        "origin_context": null,
        "payment_link": null,
        "payment_method_configuration_details": null,
        "permissions": null,
        "recovered_from": null,
        "saved_payment_method_options": null,
        "setup_intent": null,
        "shipping_address_collection": null,
        "shipping_cost": null,
        "subscription": null,
        "wallet_options": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_stored_with_the_old_field_name_can_be_read() {
        let stored = json!({
            "id": "cs_test_a1", "created": 0, "expires_at": 1, "status": "open", "amount_total": 5290, "currency": "eur",
            "url": "http://127.0.0.1:4108/c/pay/cs_test_a1", "intent": null, "email": null, "is_paid": false,
            "wish": { "mode": "payment", "line_items": [], "success_url": "http://shop.test/done" },
        });
        let session: Session = serde_json::from_value(stored).unwrap();
        assert_eq!(session.params.success_url, "http://shop.test/done");
    }
}
