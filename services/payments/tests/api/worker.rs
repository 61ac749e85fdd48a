//! The worker settles pending movements, after a crash too.

use std::sync::Arc;
use std::time::Duration;

use payments::Timing;
use payments::provider::Settings;
use serde_json::{Value, json};
use testkit::{Running, databases};
use uuid::Uuid;

use crate::fake_provider::{FakeProvider, Outage};
use crate::{
    IDLE_WORKER, app_with_settings, app_with_timing, apps, change, create_method, payment_request, refund, until,
};

const ANSWER_LOST: &str = "4000 0000 0000 0119";

/// The worker runs often, and leases are short.
pub const BUSY_WORKER: Timing = Timing {
    timeout: Duration::from_millis(400),
    interval: Duration::from_millis(20),
};

/// The path of the only payment of an order.
async fn payment_of(app: &Running, order: Uuid) -> String {
    let (_, page) = app.get(&format!("/payments?order={order}")).await;
    format!("/payments/{}", page["items"][0]["id"].as_str().expect("a payment"))
}

fn has_status(status: &'static str) -> impl Fn(&Value) -> bool {
    move |payment| payment["status"] == status
}

#[tokio::test]
async fn payment_whose_answer_was_lost_is_settled() {
    for (app, _database) in apps().await {
        let order = Uuid::new_v4();
        let body = payment_request(order, &create_method(&app, ANSWER_LOST).await);
        assert_eq!(app.post("/payments", "key", &body).await.0, 503);
        let payment = payment_of(&app, order).await;
        until(&app, &payment, has_status("authorised")).await;
        let (status, answer) = app.post("/payments", "key", &body).await;
        assert_eq!((status.as_u16(), &answer["status"]), (201, &json!("authorised")));
    }
}

#[tokio::test]
async fn repeated_request_settles_the_payment_without_the_worker() {
    for database in databases().await {
        let app = app_with_settings(&database, &Settings::test(), IDLE_WORKER).await;
        let body = payment_request(Uuid::new_v4(), &create_method(&app, ANSWER_LOST).await);
        assert_eq!(app.post("/payments", "key", &body).await.0, 503);
        assert_eq!(app.post("/payments", "key", &body).await.0, 201);
    }
}

#[tokio::test]
async fn movements_pending_at_a_crash_are_settled_by_the_next_process() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let first = app_with_timing(&database, provider.clone(), BUSY_WORKER).await;
        let (held, taken) = (crate::authorise(&first).await, crate::authorise(&first).await);
        assert_eq!(change(&first, &taken, "capture").await.0, 200);
        provider.set_outage(Outage::AnswersLost);
        assert_eq!(change(&first, &held, "capture").await.0, 503);
        assert_eq!(refund(&first, &taken, "key", 800).await.0, 503);
        drop(first);

        let second = app_with_timing(&database, provider.clone(), BUSY_WORKER).await;
        provider.set_outage(Outage::None);
        until(&second, &held, has_status("captured")).await;
        until(&second, &taken, |payment| payment["refunded"]["minor"] == 800).await;
        let moved = ["authorise", "authorise", "capture 4800", "capture 4800", "refund 800"];
        assert_eq!(provider.moved(), moved);
    }
}

/// As if the process had crashed after it stored the capture and before it requested it.
#[tokio::test]
async fn stored_movement_is_requested_once_by_several_replicas() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let first = app_with_timing(&database, provider.clone(), BUSY_WORKER).await;
        let payment = crate::authorise(&first).await;
        provider.set_outage(Outage::Down);
        assert_eq!(change(&first, &payment, "capture").await.0, 503);
        drop(first);
        provider.set_outage(Outage::None);
        let _second = app_with_timing(&database, provider.clone(), BUSY_WORKER).await;
        let third = app_with_timing(&database, provider.clone(), BUSY_WORKER).await;
        until(&third, &payment, has_status("captured")).await;
        assert_eq!(provider.moved(), ["authorise", "capture 4800"]);
    }
}
