//! The events of payments that orders consumes: an order that awaits payment continues as soon as one arrives.

use events::{Event, Handler};
use serde::Deserialize;
use service::BoxError;
use storage::Tx;
use uuid::Uuid;
use values::Clock;

use crate::store::orders as store;

pub const EVENT_TYPES: [&str; 3] = [
    "payments.payment-authorised.v1",
    "payments.payment-declined.v1",
    "payments.payment-expired.v1",
];

/// Wakes the order of a payment. What has become of the payment, the saga asks payments.
#[derive(Debug)]
pub struct PaymentEventHandler {
    pub clock: Clock,
}

#[derive(Deserialize)]
struct PaymentData {
    order: Uuid,
}

impl Handler for PaymentEventHandler {
    async fn handle(&self, tx: &mut Tx, event: &Event) -> Result<(), BoxError> {
        let PaymentData { order } = event.data()?;
        Ok(store::wake(tx, order, self.clock.now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_events_can_be_read() {
        for event_type in EVENT_TYPES {
            let event: Event = serde_json::from_value(testkit::event("services/payments", event_type)).unwrap();
            assert_eq!(event.kind, event_type);
            assert!(!event.data::<PaymentData>().unwrap().order.is_nil());
        }
    }
}
