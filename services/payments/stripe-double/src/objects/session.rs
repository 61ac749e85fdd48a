//! [Checkout Sessions](https://docs.stripe.com/api/checkout/sessions/object).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::with;
use crate::api::sessions::Create;

/// A session.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Session {
    pub id: String,
    pub created: i64,
    pub expires_at: i64,
    pub status: String,
    pub amount_total: i64,
    pub currency: String,
    pub url: String,
    pub wish: Create,
    /// The intent of the first attempt; shown when it is paid.
    pub intent: Option<String>,
    /// As it stands on the page.
    pub email: Option<String>,
    pub is_paid: bool,
}

impl Session {
    pub fn is_open(&self) -> bool {
        self.status == "open"
    }

    /// What the page is about: the first item's name, and how many more there are.
    pub fn title(&self) -> String {
        let names = self.wish.line_items.iter().map(|item| {
            let name = &item.price_data.product_data.name;
            match item.quantity {
                1 => name.clone(),
                quantity => format!("{name} × {quantity}"),
            }
        });
        names.collect::<Vec<_>>().join(", ")
    }

    /// As the API shows it.
    pub fn shown(&self) -> Value {
        let own = json!({
            "id": self.id,
            "object": "checkout.session",
            "amount_subtotal": self.amount_total,
            "amount_total": self.amount_total,
            "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "cancel_url": self.wish.cancel_url,
            "client_reference_id": self.wish.client_reference_id,
            "created": self.created,
            "currency": self.currency,
            "custom_fields": [],
            "custom_text": {
                "after_submit": null, "shipping_address": null, "terms_of_service_acceptance": null,
                "submit": self.wish.custom_text.as_ref().and_then(|text| text.submit.as_ref()),
            },
            "customer_creation": "if_required",
            "customer_details": self.email.as_ref().map(|email| json!({
                "address": null, "business_name": null, "email": email, "individual_name": null, "name": null,
                "phone": null, "tax_exempt": "none", "tax_ids": []
            })),
            "customer_email": self.wish.customer_email,
            "expires_at": self.expires_at,
            "invoice_creation": null,
            "livemode": false,
            "locale": self.wish.locale,
            "metadata": self.wish.metadata,
            "mode": self.wish.mode,
            "payment_intent": self.intent.as_ref().filter(|_| self.status == "complete"),
            "payment_method_collection": "if_required",
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "payment_status": if self.is_paid { "paid" } else { "unpaid" },
            "phone_number_collection": { "enabled": false },
            "shipping_options": [],
            "status": self.status,
            "submit_type": self.wish.submit_type,
            "success_url": self.wish.success_url,
            "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
            "ui_mode": "hosted_page",
            "url": self.is_open().then_some(&self.url),
        });
        with(nothing(), own)
    }
}

/// What the double has nothing to say of.
fn nothing() -> Value {
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
