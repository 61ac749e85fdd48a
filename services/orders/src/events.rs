//! What orders tell the world, one example of each in `events/`; and what they hear of it.

use chrono::{DateTime, Utc};
use events::{Event, Handler};
use money::Money;
use serde::{Deserialize, Serialize};
use service::BoxError;
use storage::{Tx, clock};
use uuid::Uuid;

use crate::domain::{Email, Kind, Line, Number, Order, Sku, State};
use crate::store::orders as store;

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
        State::Placed => Kind::PLACED,
        State::Reserved | State::AwaitingPayment | State::Authorised => return None,
        State::Confirmed => Kind::CONFIRMED,
        State::Completed => Kind::COMPLETED,
        State::Rejected => Kind::REJECTED,
        State::Failed => Kind::FAILED,
        State::Cancelled => Kind::CANCELLED,
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

/// What is heard of payments.
pub const ANSWERS: [&str; 3] = [
    "payments.payment-authorised.v1",
    "payments.payment-declined.v1",
    "payments.payment-expired.v1",
];

/// Hears that a shopper has paid, or can no longer: the order that waits for it goes on at once.
#[derive(Debug)]
pub struct Answers;

#[derive(Deserialize)]
struct Answered {
    order: Uuid,
}

impl Handler for Answers {
    async fn handle(&self, tx: &mut Tx, event: &Event) -> Result<(), BoxError> {
        let Answered { order } = event.data()?;
        Ok(store::hurry(tx, order, clock::now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_is_kept() {
        for kind in ANSWERS {
            let event: Event = serde_json::from_value(testkit::event("services/payments", kind)).unwrap();
            assert_eq!(event.kind, kind);
            assert!(!event.data::<Answered>().unwrap().order.is_nil());
        }
    }
}
