//! Repeated requests: the same key and body have the same answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::Running;

use crate::neighbours::Fault::{Rejects, ServerError, SlowAnswer};
use crate::{kind, post, quoted, request, worlds};

#[tokio::test]
async fn repeated_request_gives_the_same_order() {
    for (orders, neighbours, _database) in worlds().await {
        let first = post(&orders, "key", &request()).await;
        assert_eq!(first.0, 201);
        for _ in 0..2 {
            assert_eq!(post(&orders, "key", &request()).await, first);
        }
        // The cart is not cleared again, because something may have been added since.
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        assert_eq!(neighbours.calls("reserve").len(), 1);
    }
}

#[tokio::test]
async fn repeated_request_gives_the_same_rejection() {
    for (orders, neighbours, _database) in worlds().await {
        for (step, status, kind) in [("reserve", 409, "out-of-stock"), ("authorise", 402, "card-declined")] {
            neighbours.set_faults(step, &[Rejects(kind)]);
            let first = post(&orders, kind, &request()).await;
            assert_eq!(first.0, status);
            let calls = neighbours.calls("reserve").len();
            assert_eq!(post(&orders, kind, &request()).await, first);
            assert_eq!(neighbours.calls("reserve").len(), calls);
        }
        // Another key is another order.
        assert_eq!(post(&orders, "another", &request()).await.0, 201);
    }
}

#[tokio::test]
async fn key_with_another_request_is_refused() {
    for (orders, neighbours, _database) in worlds().await {
        assert_eq!(post(&orders, "key", &request()).await.0, 201);
        let others = [
            ("/email", json!("grace@example.org")),
            ("/address/line2", json!("2nd floor")),
            ("/cart", json!(null)),
            ("/lines/0/title", json!("Another bowl")),
        ];
        for (pointer, value) in others {
            let mut other = request();
            *other.pointer_mut(pointer).unwrap() = value;
            let (status, problem) = post(&orders, "key", &other).await;
            assert_eq!((status, kind(&problem)), (422, "idempotency-key-reused"), "{pointer}");
        }
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}

/// A card that is entered again is a new payment method. The order keeps the first one.
#[tokio::test]
async fn repeated_request_may_have_another_payment_method() {
    for (orders, neighbours, _database) in worlds().await {
        let first = post(&orders, "key", &request()).await;
        let mut again = request();
        again["payment_method"] = json!("pm_2");
        assert_eq!(post(&orders, "key", &again).await, first);
        assert_eq!(neighbours.calls("authorise").len(), 1);
    }
}

/// Sends the same request many times concurrently, and returns the ids of the orders.
async fn post_concurrently(orders: &Running) -> BTreeSet<String> {
    let mut sending = Vec::new();
    for _ in 0..12 {
        let sent = orders
            .request(reqwest::Method::POST, "/orders")
            .json(&quoted("key", &request()));
        sending.push(tokio::spawn(sent.header("idempotency-key", "key").send()));
    }
    let mut ids = BTreeSet::new();
    for sent in sending {
        let answer = sent.await.unwrap().unwrap();
        assert_eq!(answer.status(), 201);
        let order: Value = answer.json().await.unwrap();
        ids.insert(order["id"].to_string());
    }
    ids
}

#[tokio::test]
async fn concurrent_equal_requests_place_one_order() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("reserve", &[SlowAnswer]);
        neighbours.set_faults("authorise", &[SlowAnswer]);
        assert_eq!(post_concurrently(&orders).await.len(), 1);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        assert_eq!(neighbours.calls("authorise").len(), 1);
    }
}

/// The key of a failed order is free again.
#[tokio::test]
async fn concurrent_requests_after_a_failure_place_one_order() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults(
            "reserve",
            &[ServerError, ServerError, Rejects("out-of-stock"), SlowAnswer],
        );
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        assert_eq!(post_concurrently(&orders).await.len(), 1);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}
