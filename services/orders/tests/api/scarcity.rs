//! Limits before anything is paid: units of unpaid orders, and declined cards.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Running;

use crate::neighbours::Fault::Rejects;
use crate::neighbours::Neighbours;
use crate::{CART, kind, quoted, request, start, worlds};

const CLIENT: &str = "203.0.113.7";

/// A request with a cart of its own.
fn of_cart(number: u128) -> Value {
    let mut body = request();
    body["cart"] = json!(uuid::Uuid::from_u128(number + 1));
    body
}

/// Places an order as this client: status, `retry-after` and answer.
async fn order(orders: &Running, key: &str, client: &str, body: &Value) -> (u16, Option<u64>, Value) {
    let request = orders.request(Method::POST, "/orders").json(&quoted(key, body));
    let request = request
        .header("idempotency-key", key)
        .header("forwarded", format!("for={client}"));
    let answer = request.send().await.expect("orders answer");
    let wait = answer.headers().get("retry-after");
    let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
    (answer.status().as_u16(), wait, answer.json().await.expect("JSON"))
}

fn decline(neighbours: &Neighbours, times: usize) {
    neighbours.set_faults("authorise", &vec![Rejects("card-declined"); times]);
}

#[tokio::test]
async fn declined_cards_are_limited_per_cart() {
    for (orders, neighbours, database) in worlds().await {
        decline(&neighbours, 6);
        let mut body = request();
        body["cart"] = json!(CART);
        let mut first = Value::Null;
        for number in 0..5 {
            let (code, _, problem) = order(&orders, &format!("key-{number}"), CLIENT, &body).await;
            assert_eq!((code, kind(&problem)), (402, "card-declined"));
            first = problem;
        }
        // The count is shared by replicas and survives restarts.
        let other = start(&database.url, &neighbours.url()).await;
        for replica in [&orders, &other] {
            let (code, wait, problem) = order(replica, "sixth", "203.0.113.8", &body).await;
            assert_eq!((code, kind(&problem)), (429, "too-many-requests"));
            assert!(wait.is_some_and(|seconds| seconds > 60), "{wait:?}");
            assert!(
                problem["detail"]
                    .as_str()
                    .expect("words")
                    .contains("Nothing was charged")
            );
        }
        assert_eq!(neighbours.calls("authorise").len(), 5, "the bank was not asked again");
        assert_eq!(neighbours.calls("reserve").len(), 5, "no units were reserved again");
        // A repeated request has the same answer, and another cart is not limited.
        assert_eq!(order(&other, "key-4", CLIENT, &body).await, (402, None, first));
        neighbours.set_faults("authorise", &[]);
        assert_eq!(order(&orders, "other", CLIENT, &of_cart(1)).await.0, 201);
    }
}

#[tokio::test]
async fn declined_cards_are_limited_per_quote() {
    for (orders, neighbours, _database) in worlds().await {
        decline(&neighbours, 6);
        let quote = quoted("one", &request())["quote"].take();
        for number in 0..6 {
            let mut body = of_cart(number);
            body["quote"] = quote.clone();
            let (code, ..) = order(&orders, &format!("key-{number}"), CLIENT, &body).await;
            assert_eq!(code, if number < 5 { 402 } else { 429 });
        }
        assert_eq!(neighbours.calls("authorise").len(), 5);
    }
}

#[tokio::test]
async fn declined_cards_are_limited_per_client() {
    for (orders, neighbours, _database) in worlds().await {
        decline(&neighbours, 61);
        for number in 0..61 {
            // A /64 of IPv6 is one client.
            let client = format!("\"[2001:db8::{number:x}]\"");
            let (code, ..) = order(&orders, &format!("key-{number}"), &client, &of_cart(number)).await;
            assert_eq!(code, if number < 60 { 402 } else { 429 }, "{number}");
        }
        neighbours.set_faults("authorise", &[]);
        assert_eq!(order(&orders, "another", CLIENT, &of_cart(99)).await.0, 201);
    }
}

/// Units are held for three minutes, and for a second once a client has ten unpaid orders.
#[tokio::test]
async fn units_of_unpaid_orders_are_limited_per_client() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.require_action();
        for number in 0..12 {
            let (code, _, order) = order(&orders, &format!("key-{number}"), CLIENT, &of_cart(number)).await;
            assert_eq!(code, 202, "{order}");
            // A cancelled order counts as well.
            if number % 2 == 0 {
                let path = format!("/orders/{}/cancellation", order["id"].as_str().expect("an id"));
                let cart = json!({ "cart": uuid::Uuid::from_u128(number + 1) });
                assert_eq!(orders.post(&path, "any", &cart).await.0, 200);
            }
        }
        let (code, ..) = order(&orders, "neighbour", "203.0.113.8", &of_cart(99)).await;
        assert_eq!(code, 202);
        let calls = neighbours.calls("wait");
        let seconds: Vec<_> = calls.iter().map(|call| call["expires_in_seconds"].as_u64()).collect();
        let mut expected = vec![Some(180); 10];
        expected.extend([Some(1), Some(1), Some(180)]);
        assert_eq!(seconds, expected);
        assert_eq!(
            (&calls[0]["client"], &calls[12]["client"]),
            (&json!(CLIENT), &json!("203.0.113.8"))
        );
    }
}

/// The orders are of different clients and carts, and of one card.
#[tokio::test]
async fn units_of_unpaid_orders_are_limited_per_card() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.require_action();
        neighbours.set_card("one");
        for number in 0..4 {
            let client = format!("203.0.113.{number}");
            let (code, _, order) = order(&orders, &format!("key-{number}"), &client, &of_cart(number)).await;
            assert_eq!(code, 202, "{order}");
            // A cancelled order counts as well.
            if number == 0 {
                let path = format!("/orders/{}/cancellation", order["id"].as_str().expect("an id"));
                let cart = json!({ "cart": uuid::Uuid::from_u128(1) });
                assert_eq!(orders.post(&path, "any", &cart).await.0, 200);
            }
        }
        neighbours.set_card("another");
        assert_eq!(order(&orders, "another", "203.0.113.9", &of_cart(9)).await.0, 202);
        let calls = neighbours.calls("wait");
        let seconds: Vec<_> = calls.iter().map(|call| call["expires_in_seconds"].as_u64()).collect();
        assert_eq!(seconds, [Some(180), Some(180), Some(180), Some(1), Some(180)]);
    }
}
