//! Events: what has happened, as webhooks tell it.

use serde_json::{Value, json};

use super::name;
use crate::api::VERSION;

/// Who has caused an event.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A call of the API: its `Request-Id` and its `Idempotency-Key`.
    Call(String, Option<String>),
    /// The shopper, on the hosted page.
    Shopper,
    /// Time.
    Time,
}

/// An event that is to be told.
#[derive(Debug)]
pub struct Event {
    pub id: String,
    pub kind: &'static str,
    pub body: Value,
}

impl Event {
    pub fn new(kind: &'static str, object: &Value, origin: &Origin, now: i64) -> Self {
        let id = name("evt_");
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
