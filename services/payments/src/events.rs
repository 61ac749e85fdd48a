//! The events that payments publishes. `events/` has one example of each.

use chrono::{DateTime, Utc};
use events::Event;
use money::Money;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Payment, PaymentStatus};

/// The data of every event.
#[derive(Serialize)]
struct PaymentData {
    payment: Uuid,
    order: Uuid,
    amount: Money,
    captured: Money,
    refunded: Money,
}

/// The events of a change of a payment, in order.
pub fn of(before: &Payment, after: &Payment, now: DateTime<Utc>) -> Vec<Event> {
    let becomes = |status| before.status != status && after.status == status;
    let types = [
        ("payments.payment-authorised.v1", before.authorised < after.authorised),
        ("payments.payment-declined.v1", becomes(PaymentStatus::Declined)),
        ("payments.payment-expired.v1", becomes(PaymentStatus::Expired)),
        ("payments.payment-captured.v1", before.captured < after.captured),
        ("payments.payment-voided.v1", becomes(PaymentStatus::Voided)),
        ("payments.payment-refunded.v1", before.refunded < after.refunded),
    ];
    let payment = after.id();
    let currency = after.charge.amount.currency();
    let data = PaymentData {
        payment,
        order: after.charge.order,
        amount: after.charge.amount.into(),
        captured: Money::new(after.captured, currency),
        refunded: Money::new(after.refunded, currency),
    };
    let happened = types.into_iter().filter(|(_, happened)| *happened);
    happened
        .map(|(kind, _)| Event::new(kind, format!("payment/{payment}"), &data, Uuid::now_v7(), now))
        .collect()
}
