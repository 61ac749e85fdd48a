//! Orders that are paid on a provider's page, and orders on account.

use std::time::Duration;

use ::orders::{App, Config};
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

use crate::neighbours::Mood::{Broken, Lost, Refuses};
use crate::neighbours::Neighbours;
use crate::{CART, STEP, config, kind, post, request, worlds};

/// Orders whose shoppers have so many seconds to pay on a page, with a worker that comes often.
async fn hurried(database: &Database, neighbours: &Neighbours, payment_page_seconds: u64) -> Running {
    let config = Config {
        worker_ms: 20,
        payment_page_seconds,
        ..config(&database.url, &neighbours.url(), STEP)
    };
    Running::start(App::start(config).await.expect("orders start")).await
}

/// An order whose shopper was sent to a page.
async fn sent(orders: &Running, neighbours: &Neighbours) -> Value {
    neighbours.pay_by("hosted_page");
    neighbours.ask();
    let (status, order) = post(orders, "first", &request()).await;
    assert_eq!((status, &order["status"]), (202, &json!("awaiting_payment")), "{order}");
    assert_eq!(
        (&order["paid_by"], order["action"].is_string()),
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
async fn a_page_is_told_what_the_order_is_and_how_long_there_is_time() {
    for (orders, neighbours, _database) in worlds().await {
        let order = sent(&orders, &neighbours).await;
        let [wish] = <[Value; 1]>::try_from(neighbours.calls("authorise")).expect("one payment");
        assert_eq!(
            (&wish["order_number"], &wish["email"]),
            (&order["number"], &order["email"])
        );
        let time = |text: &Value| {
            text.as_str()
                .expect("a time")
                .parse::<chrono::DateTime<chrono::Utc>>()
                .expect("a time")
        };
        assert_eq!(
            (time(&wish["expires_at"]) - time(&order["placed_at"])).num_seconds(),
            900
        );
        // Units are held until the page is closed.
        assert_eq!(neighbours.calls("wait")[0]["expires_in_seconds"], 900 + 120);
    }
}

/// Whoever is at the order asks payments, and has no answer or an old one.
#[tokio::test]
async fn who_pays_while_an_order_is_looked_at_is_not_kept_waiting() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let config = Config {
            worker_ms: 500,
            ..config(&database.url, &neighbours.url(), Duration::from_millis(600))
        };
        let orders = Running::start(App::start(config).await.expect("orders start")).await;
        neighbours.moods("payment", &[Lost, Lost]);
        let pay = async {
            neighbours.called("payment", 1).await;
            neighbours.shoppers_answer("authorised");
            let order = neighbours.last_order();
            neighbours.tell("payments.payment-authorised.v1", &order);
        };
        let (order, ()) = tokio::join!(sent(&orders, &neighbours), pay);
        let placed = tokio::time::timeout(Duration::from_secs(10), until(&orders, &order, "completed"));
        placed.await.expect("soon");
    }
}

#[tokio::test]
async fn a_page_is_closed_before_its_units_go_back() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        // Payments does not answer at once.
        neighbours.moods("expire", &[Broken; 3]);
        let orders = hurried(&database, &neighbours, 0).await;
        let order = sent(&orders, &neighbours).await;
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
        let place = |step| {
            steps
                .iter()
                .rposition(|known| *known == step)
                .expect("it was asked for")
        };
        assert!(place("expire") < place("release"), "{steps:?}");
        assert_eq!(neighbours.state().1, ["expired"]);
        let (status, problem) = post(&orders, "first", &request()).await;
        assert_eq!((status, kind(&problem)), (402, "payment-expired"));
    }
}

#[tokio::test]
async fn who_has_paid_at_the_last_moment_has_paid() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.moods("expire", &[Broken; 3]);
        let orders = hurried(&database, &neighbours, 0).await;
        let order = sent(&orders, &neighbours).await;
        // Nobody has heard of it yet.
        neighbours.shoppers_answer("authorised");
        until(&orders, &order, "completed").await;
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}

#[tokio::test]
async fn a_page_that_the_provider_has_closed_ends_its_order() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let orders = hurried(&database, &neighbours, 900).await;
        let order = sent(&orders, &neighbours).await;
        neighbours.shoppers_answer("expired");
        neighbours.tell("payments.payment-expired.v1", order["id"].as_str().expect("an id"));
        until(&orders, &order, "rejected").await;
    }
}

#[tokio::test]
async fn units_stay_as_long_as_a_page_may_be_open() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let orders = hurried(&database, &neighbours, 900).await;
        let order = sent(&orders, &neighbours).await;
        neighbours.moods("expire", &[Broken; 2]);
        neighbours.moods("void", &[Broken; 4]);
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
async fn an_order_on_account_stands_and_takes_no_money() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.pay_by("invoice");
        let (status, order) = post(&orders, "first", &request()).await;
        assert_eq!((status, &order["status"]), (201, &json!("completed")), "{order}");
        assert_eq!(order["paid_by"], "invoice");
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["authorised"], 1));
        assert!(neighbours.calls("capture").is_empty());
    }
}

#[tokio::test]
async fn who_owes_too_much_orders_nothing_on_account() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("authorise", &[Refuses("invoice-declined")]);
        let (status, problem) = post(&orders, "first", &request()).await;
        assert_eq!((status, kind(&problem)), (402, "invoice-declined"));
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}
