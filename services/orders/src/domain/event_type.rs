//! The types of events that orders publishes.

use values::{Malformed, text_type};

const EVENT_TYPES: [&str; 6] = [
    EventType::PLACED,
    EventType::CONFIRMED,
    EventType::COMPLETED,
    EventType::REJECTED,
    EventType::FAILED,
    EventType::CANCELLED,
];

text_type!(
    /// A type of event, for example `orders.order-completed.v1`.
    #[schema(pattern = "^orders\\.order-[a-z]+\\.v1$")]
    pub struct EventType(|text| {
        let malformed = Malformed::Rule("must be a type of event of orders, such as orders.order-completed.v1");
        EVENT_TYPES.contains(&text).then(|| text.to_owned()).ok_or(malformed)
    });
);

impl EventType {
    pub const PLACED: &'static str = "orders.order-placed.v1";
    pub const CONFIRMED: &'static str = "orders.order-confirmed.v1";
    pub const COMPLETED: &'static str = "orders.order-completed.v1";
    pub const REJECTED: &'static str = "orders.order-rejected.v1";
    pub const FAILED: &'static str = "orders.order-failed.v1";
    pub const CANCELLED: &'static str = "orders.order-cancelled.v1";
}
