//! What is still pending is settled by nobody's asking, after a crash too.

use std::sync::Arc;
use std::time::Duration;

use payments::Timing;
use payments::provider::Settings;
use serde_json::{Value, json};
use testkit::{Running, databases};
use uuid::Uuid;

use crate::bank::{Away, Bank};
use crate::{PATIENT, change, method, refund, request, till_in_time, till_of, tills, until};

const ANSWER_LOST: &str = "4000 0000 0000 0119";

/// Comes often, and takes over soon.
pub const BUSY: Timing = Timing {
    limit: Duration::from_millis(400),
    pause: Duration::from_millis(20),
};

/// The address of the only payment of an order.
async fn payment_of(till: &Running, order: Uuid) -> String {
    let (_, page) = till.get(&format!("/payments?order={order}")).await;
    format!("/payments/{}", page["items"][0]["id"].as_str().expect("a payment"))
}

fn has_status(status: &'static str) -> impl Fn(&Value) -> bool {
    move |payment| payment["status"] == status
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_settled() {
    for (till, _database) in tills().await {
        let order = Uuid::new_v4();
        let wish = request(order, &method(&till, ANSWER_LOST).await);
        assert_eq!(till.post("/payments", "key", &wish).await.0, 503);
        let payment = payment_of(&till, order).await;
        until(&till, &payment, has_status("authorised")).await;
        let (status, answer) = till.post("/payments", "key", &wish).await;
        assert_eq!((status.as_u16(), &answer["status"]), (201, &json!("authorised")));
    }
}

#[tokio::test]
async fn the_same_request_settles_it_at_once() {
    for database in databases().await {
        // The worker comes much later.
        let till = till_of(&database, &Settings::test(), PATIENT).await;
        let wish = request(Uuid::new_v4(), &method(&till, ANSWER_LOST).await);
        assert_eq!(till.post("/payments", "key", &wish).await.0, 503);
        assert_eq!(till.post("/payments", "key", &wish).await.0, 201);
    }
}

#[tokio::test]
async fn what_a_crash_left_is_settled_by_the_next_process() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let first = till_in_time(&database, bank.clone(), BUSY).await;
        let (held, taken) = (crate::authorise(&first).await, crate::authorise(&first).await);
        assert_eq!(change(&first, &taken, "capture").await.0, 200);
        bank.go(Away::AnswersLost);
        assert_eq!(change(&first, &held, "capture").await.0, 503);
        assert_eq!(refund(&first, &taken, "key", 800).await.0, 503);
        drop(first);

        let second = till_in_time(&database, bank.clone(), BUSY).await;
        bank.go(Away::No);
        until(&second, &held, has_status("captured")).await;
        until(&second, &taken, |payment| payment["refunded"]["minor"] == 800).await;
        let moved = ["authorise", "authorise", "capture 4800", "capture 4800", "refund 800"];
        assert_eq!(bank.moved(), moved);
    }
}

/// The process died between writing a payment down and asking the bank for it.
#[tokio::test]
async fn what_was_never_asked_for_is_asked_for_once() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let first = till_in_time(&database, bank.clone(), BUSY).await;
        let payment = crate::authorise(&first).await;
        bank.go(Away::Down);
        assert_eq!(change(&first, &payment, "capture").await.0, 503);
        drop(first);
        bank.go(Away::No);
        // Two replicas look for it.
        let _second = till_in_time(&database, bank.clone(), BUSY).await;
        let third = till_in_time(&database, bank.clone(), BUSY).await;
        until(&third, &payment, has_status("captured")).await;
        assert_eq!(bank.moved(), ["authorise", "capture 4800"]);
    }
}
