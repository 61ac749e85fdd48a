//! What payments tell the world. One example of each is kept in `events/`.

use chrono::{DateTime, Utc};
use events::Event;
use money::Money;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::{Account, Status};

/// What is known of a payment when something has become of it.
#[derive(Serialize)]
struct Facts {
    payment: Uuid,
    order: Uuid,
    amount: Money,
    captured: Money,
    refunded: Money,
}

/// What the world is told of a payment that was `before` and is `after`: everything that has become of it, in order.
pub fn of(before: &Account, after: &Account, now: DateTime<Utc>) -> Vec<Event> {
    let becomes = |status| before.status != status && after.status == status;
    let happened = [
        ("payments.payment-authorised.v1", before.authorised < after.authorised),
        ("payments.payment-declined.v1", becomes(Status::Declined)),
        ("payments.payment-expired.v1", becomes(Status::Expired)),
        ("payments.payment-captured.v1", before.captured < after.captured),
        ("payments.payment-voided.v1", becomes(Status::Voided)),
        ("payments.payment-refunded.v1", before.refunded < after.refunded),
    ];
    let payment = after.charge.reference;
    let currency = after.charge.amount.currency();
    let facts = Facts {
        payment,
        order: after.charge.order,
        amount: after.charge.amount.into(),
        captured: Money::new(after.captured, currency),
        refunded: Money::new(after.refunded, currency),
    };
    let told = happened.into_iter().filter(|(_, happened)| *happened);
    told.map(|(kind, _)| Event::new(kind, format!("payment/{payment}"), &facts, Uuid::now_v7(), now))
        .collect()
}
