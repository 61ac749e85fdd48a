//! Stripe's objects, as they are stored and as the API returns them.

mod charge;
mod event;
mod intent;
mod refund;
mod session;

pub use event::{Event, Origin};
pub use intent::{Card, Intent};
pub use refund::Refund;
pub use session::Session;

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

/// The caller's own values of an object.
pub type Metadata = BTreeMap<String, String>;

/// A new id: `pi_…`.
pub fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", Uuid::new_v4().simple())
}

/// Merges the fields of two objects.
fn merge(mut object: Value, more: Value) -> Value {
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object
}
