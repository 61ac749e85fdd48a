//! The events that orders publishes. There is an example of each in `events/`.

use chrono::{DateTime, Utc};
use events::Event;
use money::Money;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{EventType, Order, OrderLine, OrderNumber, OrderStatus, Sku, StoredEmail};

#[derive(Serialize)]
struct OrderData<'a> {
    order: Uuid,
    number: &'a OrderNumber,
    email: &'a StoredEmail,
    lines: Vec<LineData<'a>>,
    total: Money,
    /// Why the order is unsuccessful
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct LineData<'a> {
    sku: &'a Sku,
    quantity: u32,
}

impl<'a> LineData<'a> {
    fn of(line: &'a OrderLine) -> Self {
        Self {
            sku: &line.sku,
            quantity: line.quantity,
        }
    }
}

/// The event of an order that has just come to its status. The steps before it is accepted have none.
pub fn order_event(order: &Order, id: Uuid, now: DateTime<Utc>) -> Option<Event> {
    let event_type = match order.status {
        OrderStatus::Placed => EventType::PLACED,
        OrderStatus::Reserved | OrderStatus::AwaitingPayment | OrderStatus::Authorised => return None,
        OrderStatus::Confirmed => EventType::CONFIRMED,
        OrderStatus::Completed => EventType::COMPLETED,
        OrderStatus::Rejected => EventType::REJECTED,
        OrderStatus::Failed => EventType::FAILED,
        OrderStatus::Cancelled => EventType::CANCELLED,
    };
    let data = OrderData {
        order: order.id,
        number: &order.number,
        email: &order.email,
        lines: order.lines.iter().map(LineData::of).collect(),
        total: order.total,
        reason: order.reason.as_deref(),
    };
    Some(Event::new(event_type, format!("order/{}", order.id), &data, id, now))
}
