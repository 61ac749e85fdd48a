//! The types of events that tell what has become of an order.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Malformed;

/// Every type there is.
pub const KINDS: [&str; 6] = [
    Kind::PLACED,
    Kind::CONFIRMED,
    Kind::COMPLETED,
    Kind::REJECTED,
    Kind::FAILED,
    Kind::CANCELLED,
];

/// A type of event: `orders.order-completed.v1`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^orders\\.order-[a-z]+\\.v1$")]
pub struct Kind(String);

impl Kind {
    pub const PLACED: &'static str = "orders.order-placed.v1";
    pub const CONFIRMED: &'static str = "orders.order-confirmed.v1";
    pub const COMPLETED: &'static str = "orders.order-completed.v1";
    pub const REJECTED: &'static str = "orders.order-rejected.v1";
    pub const FAILED: &'static str = "orders.order-failed.v1";
    pub const CANCELLED: &'static str = "orders.order-cancelled.v1";
}

impl AsRef<str> for Kind {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Kind {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        if KINDS.contains(&text.as_str()) {
            Ok(Self(text))
        } else {
            Err(Malformed::new(format!("must be one of {}", KINDS.join(", "))))
        }
    }
}
