//! What orders tell the world. One example of each is kept in `events/`.

use chrono::{DateTime, Utc};
use events::Event;
use money::Money;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Email, Line, Number, Order, Sku, State};

/// Every type there is.
pub const KINDS: [&str; 6] = [PLACED, CONFIRMED, COMPLETED, REJECTED, FAILED, CANCELLED];

const PLACED: &str = "orders.order-placed.v1";
const CONFIRMED: &str = "orders.order-confirmed.v1";
const COMPLETED: &str = "orders.order-completed.v1";
const REJECTED: &str = "orders.order-rejected.v1";
const FAILED: &str = "orders.order-failed.v1";
const CANCELLED: &str = "orders.order-cancelled.v1";

/// What is known of an order when something has become of it.
#[derive(Serialize)]
struct Facts<'a> {
    order: Uuid,
    number: &'a Number,
    email: &'a Email,
    lines: Vec<Units<'a>>,
    total: Money,
    /// Why it came to nothing, where it did
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Units<'a> {
    sku: &'a Sku,
    quantity: u32,
}

impl<'a> Units<'a> {
    fn of(line: &'a Line) -> Self {
        Self {
            sku: &line.sku,
            quantity: line.quantity,
        }
    }
}

/// What the world is told of an order that has just come to its state; nothing of the steps on the way.
pub fn of(order: &Order, id: Uuid, now: DateTime<Utc>) -> Option<Event> {
    let kind = match order.status {
        State::Placed => PLACED,
        State::Reserved | State::Authenticating | State::Authorised => return None,
        State::Confirmed => CONFIRMED,
        State::Completed => COMPLETED,
        State::Rejected => REJECTED,
        State::Failed => FAILED,
        State::Cancelled => CANCELLED,
    };
    let facts = Facts {
        order: order.id,
        number: &order.number,
        email: &order.email,
        lines: order.lines.iter().map(Units::of).collect(),
        total: order.total,
        reason: order.reason.as_deref(),
    };
    Some(Event::new(kind, format!("order/{}", order.id), &facts, id, now))
}
