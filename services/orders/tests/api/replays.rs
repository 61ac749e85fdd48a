//! The same request has the same answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::Running;

use crate::neighbours::Mood::{Broken, Refuses, Slow};
use crate::{kind, post, quoted, request, worlds};

#[tokio::test]
async fn a_success_stays_one() {
    for (orders, neighbours, _database) in worlds().await {
        let first = post(&orders, "key", &request()).await;
        assert_eq!(first.0, 201);
        for _ in 0..2 {
            assert_eq!(post(&orders, "key", &request()).await, first);
        }
        // Nor is the cart cleared again: there may be something new in it.
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        assert_eq!(neighbours.calls("reserve").len(), 1);
    }
}

#[tokio::test]
async fn a_rejection_stays_one() {
    for (orders, neighbours, _database) in worlds().await {
        for (step, status, kind) in [("reserve", 409, "out-of-stock"), ("authorise", 402, "card-declined")] {
            neighbours.moods(step, &[Refuses(kind)]);
            let first = post(&orders, kind, &request()).await;
            assert_eq!(first.0, status);
            let calls = neighbours.calls("reserve").len();
            assert_eq!(post(&orders, kind, &request()).await, first);
            assert_eq!(neighbours.calls("reserve").len(), calls);
        }
        // Another try is another order.
        assert_eq!(post(&orders, "another", &request()).await.0, 201);
    }
}

#[tokio::test]
async fn another_request_needs_another_key() {
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

/// The same card, sent again, is a new payment method: still the same order, on the first one.
#[tokio::test]
async fn a_card_sent_again_is_the_same_request() {
    for (orders, neighbours, _database) in worlds().await {
        let first = post(&orders, "key", &request()).await;
        let mut again = request();
        again["payment_method"] = json!("pm_2");
        assert_eq!(post(&orders, "key", &again).await, first);
        assert_eq!(neighbours.calls("authorise").len(), 1);
    }
}

/// Sends the request many times at once, and gives the orders that came of it.
async fn many_at_once(orders: &Running) -> BTreeSet<String> {
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
async fn the_same_request_many_times_at_once_is_one_order() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("reserve", &[Slow]);
        neighbours.moods("authorise", &[Slow]);
        assert_eq!(many_at_once(&orders).await.len(), 1);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        assert_eq!(neighbours.calls("authorise").len(), 1);
    }
}

/// Not even where the key has become free again.
#[tokio::test]
async fn many_next_tries_at_once_are_one_order() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("reserve", &[Broken, Broken, Refuses("out-of-stock"), Slow]);
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        assert_eq!(many_at_once(&orders).await.len(), 1);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}
