//! Orders that are paid on a provider's page, and orders that are paid by invoice.

use std::time::Duration;

use ::orders::{App, Config};
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

use crate::neighbours::Fault::{LateAnswer, Rejects, ServerError};
use crate::neighbours::Neighbours;
use crate::{CART, STEP_TIMEOUT, config, kind, post, request, worlds};

/// Orders with a worker that looks often, whose shoppers have this many seconds to pay on a page.
async fn start_with_page_seconds(database: &Database, neighbours: &Neighbours, payment_page_seconds: u64) -> Running {
    let config = Config {
        worker_ms: 20,
        payment_page_seconds,
        ..config(&database.url, &neighbours.url(), STEP_TIMEOUT)
    };
    Running::start(App::start(config).await.expect("orders start")).await
}

/// Places an order whose shopper is redirected to a payment page.
async fn place_on_page(orders: &Running, neighbours: &Neighbours) -> Value {
    neighbours.set_paid_by("hosted_page");
    neighbours.require_action();
    let (status, order) = post(orders, "first", &request()).await;
    assert_eq!((status, &order["status"]), (202, &json!("awaiting_payment")), "{order}");
    assert_eq!(
        (&order["paid_by"], order["redirect_url"].is_string()),
        (&json!("hosted_page"), true)
    );
    order
}

async fn until(orders: &Running, order: &Value, status: &str) -> Value {
    let path = format!("/orders/{}", order["id"].as_str().expect("an id"));
    loop {
        let (_, found) = orders.get(&path).await;
        if found["status"] == status {
            return found;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn payment_has_the_order_number_and_when_its_page_expires() {
    for (orders, neighbours, _database) in worlds().await {
        let order = place_on_page(&orders, &neighbours).await;
        let [body] = <[Value; 1]>::try_from(neighbours.calls("authorise")).expect("one payment");
        assert_eq!(
            (&body["order_number"], &body["email"]),
            (&order["number"], &order["email"])
        );
        let time = |text: &Value| {
            text.as_str()
                .expect("a time")
                .parse::<chrono::DateTime<chrono::Utc>>()
                .expect("a time")
        };
        assert_eq!(
            (time(&body["expires_at"]) - time(&order["placed_at"])).num_seconds(),
            900
        );
        // Units are held until the page is closed.
        assert_eq!(neighbours.calls("wait")[0]["expires_in_seconds"], 900 + 120);
    }
}

/// The worker has asked payments before the payment, and has no answer or an old one.
#[tokio::test]
async fn payment_during_a_look_at_the_order_completes_it_soon() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let config = Config {
            worker_ms: 500,
            ..config(&database.url, &neighbours.url(), Duration::from_millis(600))
        };
        let orders = Running::start(App::start(config).await.expect("orders start")).await;
        neighbours.set_faults("payment", &[LateAnswer, LateAnswer]);
        let pay = async {
            neighbours.called("payment", 1).await;
            neighbours.set_pending_payments("authorised");
            let order = neighbours.last_order();
            neighbours.publish("payments.payment-authorised.v1", &order);
        };
        let (order, ()) = tokio::join!(place_on_page(&orders, &neighbours), pay);
        let completed = tokio::time::timeout(Duration::from_secs(10), until(&orders, &order, "completed"));
        completed.await.expect("the order is completed soon");
    }
}

#[tokio::test]
async fn payment_page_is_closed_before_units_are_released() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        // Payments does not answer at first.
        neighbours.set_faults("expire", &[ServerError; 3]);
        let orders = start_with_page_seconds(&database, &neighbours, 0).await;
        let order = place_on_page(&orders, &neighbours).await;
        let given_up = until(&orders, &order, "rejected").await;
        assert!(
            given_up["reason"]
                .as_str()
                .expect("words")
                .starts_with("It was not paid in time")
        );
        while neighbours.state().0 != ["released"] {
            tokio::task::yield_now().await;
        }
        let steps = neighbours.steps();
        let index = |step| {
            steps
                .iter()
                .rposition(|known| *known == step)
                .expect("the step was called")
        };
        assert!(index("expire") < index("release"), "{steps:?}");
        assert_eq!(neighbours.state().1, ["expired"]);
        let (status, problem) = post(&orders, "first", &request()).await;
        assert_eq!((status, kind(&problem)), (402, "payment-expired"));
    }
}

#[tokio::test]
async fn payment_at_the_last_moment_completes_the_order() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.set_faults("expire", &[ServerError; 3]);
        let orders = start_with_page_seconds(&database, &neighbours, 0).await;
        let order = place_on_page(&orders, &neighbours).await;
        // There is no event about it.
        neighbours.set_pending_payments("authorised");
        until(&orders, &order, "completed").await;
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}

#[tokio::test]
async fn expired_payment_page_rejects_the_order() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let orders = start_with_page_seconds(&database, &neighbours, 900).await;
        let order = place_on_page(&orders, &neighbours).await;
        neighbours.set_pending_payments("expired");
        neighbours.publish("payments.payment-expired.v1", order["id"].as_str().expect("an id"));
        until(&orders, &order, "rejected").await;
    }
}

#[tokio::test]
async fn units_are_held_while_the_payment_page_may_be_open() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let orders = start_with_page_seconds(&database, &neighbours, 900).await;
        let order = place_on_page(&orders, &neighbours).await;
        neighbours.set_faults("expire", &[ServerError; 2]);
        neighbours.set_faults("void", &[ServerError; 4]);
        let path = format!("/orders/{}/cancellation", order["id"].as_str().expect("an id"));
        let (status, cancelled) = orders.post(&path, "any", &json!({ "cart": CART })).await;
        assert_eq!((status.as_u16(), &cancelled["status"]), (200, &json!("cancelled")));
        neighbours.called("void", 3).await;
        assert_eq!(neighbours.steps().iter().filter(|step| **step == "release").count(), 0);
        while neighbours.state() != (vec!["released"], vec!["voided"], 0) {
            tokio::task::yield_now().await;
        }
        let steps = neighbours.steps();
        assert_eq!(steps.last(), Some(&"release"), "{steps:?}");
    }
}

#[tokio::test]
async fn invoice_order_is_completed_without_a_capture() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_paid_by("invoice");
        let (status, order) = post(&orders, "first", &request()).await;
        assert_eq!((status, &order["status"]), (201, &json!("completed")), "{order}");
        assert_eq!(order["paid_by"], "invoice");
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["authorised"], 1));
        assert!(neighbours.calls("capture").is_empty());
    }
}

#[tokio::test]
async fn declined_invoice_rejects_the_order_and_releases_its_units() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("authorise", &[Rejects("invoice-declined")]);
        let (status, problem) = post(&orders, "first", &request()).await;
        assert_eq!((status, kind(&problem)), (402, "invoice-declined"));
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}
