//! What is kept of a session, an intent and a refund, and how Stripe shows it.

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

/// What a caller keeps with an object.
pub type Metadata = BTreeMap<String, String>;

/// A new name: `pi_…`.
pub fn name(prefix: &str) -> String {
    format!("{prefix}{}", Uuid::new_v4().simple())
}

/// An object, and more of it.
fn with(mut object: Value, more: Value) -> Value {
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object
}
