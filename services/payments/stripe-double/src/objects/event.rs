//! [Events](https://docs.stripe.com/api/events/object).

use serde_json::{Value, json};

use super::new_id;
use crate::api::VERSION;

/// What has caused an event.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A request to the API, with its `Request-Id` and its `Idempotency-Key`.
    Call(String, Option<String>),
    /// The shopper, on the hosted page.
    Shopper,
    /// The passing of time, or the control API.
    Time,
}

/// A new event.
#[derive(Debug)]
pub struct Event {
    pub id: String,
    pub kind: &'static str,
    pub body: Value,
}

impl Event {
    pub fn new(kind: &'static str, object: &Value, origin: &Origin, now: i64) -> Self {
        let id = new_id("evt_");
        let request = match origin {
            Origin::Call(id, key) => json!({ "id": id, "idempotency_key": key }),
            Origin::Shopper => json!({ "id": null, "idempotency_key": null }),
            Origin::Time => Value::Null,
        };
        let body = json!({
            "id": id,
            "object": "event",
            "api_version": VERSION,
            "created": now,
            "data": { "object": object },
            "livemode": false,
            "pending_webhooks": 1,
            "request": request,
            "type": kind,
        });
        Self { id, kind, body }
    }
}
