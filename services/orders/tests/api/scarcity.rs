//! What is given before anything is paid: units while a bank asks, and tries with cards.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Running;

use crate::neighbours::Mood::Refuses;
use crate::neighbours::Neighbours;
use crate::{CART, kind, quoted, request, start, worlds};

const CLIENT: &str = "203.0.113.7";

/// A wish of a cart of its own.
fn of_cart(number: u128) -> Value {
    let mut wish = request();
    wish["cart"] = json!(uuid::Uuid::from_u128(number + 1));
    wish
}

/// Orders as this client; the status, how long to wait, and the answer.
async fn order(orders: &Running, key: &str, client: &str, wish: &Value) -> (u16, Option<u64>, Value) {
    let request = orders.request(Method::POST, "/orders").json(&quoted(key, wish));
    let request = request
        .header("idempotency-key", key)
        .header("forwarded", format!("for={client}"));
    let answer = request.send().await.expect("orders answer");
    let wait = answer.headers().get("retry-after");
    let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
    (answer.status().as_u16(), wait, answer.json().await.expect("JSON"))
}

fn decline(neighbours: &Neighbours, times: usize) {
    neighbours.moods("authorise", &vec![Refuses("card-declined"); times]);
}

#[tokio::test]
async fn a_cart_tries_few_cards() {
    for (orders, neighbours, database) in worlds().await {
        decline(&neighbours, 6);
        let mut wish = request();
        wish["cart"] = json!(CART);
        let mut first = Value::Null;
        for number in 0..5 {
            let (code, _, problem) = order(&orders, &format!("key-{number}"), CLIENT, &wish).await;
            assert_eq!((code, kind(&problem)), (402, "card-declined"));
            first = problem;
        }
        // A restart forgets nothing, and another replica knows.
        let other = start(&database.url, &neighbours.url()).await;
        for replica in [&orders, &other] {
            let (code, wait, problem) = order(replica, "sixth", "203.0.113.8", &wish).await;
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
        assert_eq!(neighbours.calls("reserve").len(), 5, "nor were units held");
        // The same request has the same answer, and another cart is not concerned.
        assert_eq!(order(&other, "key-4", CLIENT, &wish).await, (402, None, first));
        neighbours.moods("authorise", &[]);
        assert_eq!(order(&orders, "other", CLIENT, &of_cart(1)).await.0, 201);
    }
}

#[tokio::test]
async fn a_quote_tries_few_cards_whatever_the_cart() {
    for (orders, neighbours, _database) in worlds().await {
        decline(&neighbours, 6);
        let quote = quoted("one", &request())["quote"].take();
        for number in 0..6 {
            let mut wish = of_cart(number);
            wish["quote"] = quote.clone();
            let (code, ..) = order(&orders, &format!("key-{number}"), CLIENT, &wish).await;
            assert_eq!(code, if number < 5 { 402 } else { 429 });
        }
        assert_eq!(neighbours.calls("authorise").len(), 5);
    }
}

#[tokio::test]
async fn a_client_tries_few_cards_whatever_the_cart() {
    for (orders, neighbours, _database) in worlds().await {
        decline(&neighbours, 61);
        for number in 0..61 {
            // A /64 of IPv6 is one client.
            let client = format!("\"[2001:db8::{number:x}]\"");
            let (code, ..) = order(&orders, &format!("key-{number}"), &client, &of_cart(number)).await;
            assert_eq!(code, if number < 60 { 402 } else { 429 }, "{number}");
        }
        neighbours.moods("authorise", &[]);
        assert_eq!(order(&orders, "another", CLIENT, &of_cart(99)).await.0, 201);
    }
}

/// Held for three minutes, and no more for whoever lets banks ask in vain.
#[tokio::test]
async fn what_waits_for_a_bank_is_held_for_a_short_time() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.ask();
        for number in 0..12 {
            let (code, _, order) = order(&orders, &format!("key-{number}"), CLIENT, &of_cart(number)).await;
            assert_eq!(code, 202, "{order}");
            // Whether it still waits or was given up.
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

/// Whoever has many addresses and carts, and one card.
#[tokio::test]
async fn one_card_has_few_orders_held_whoever_types_it() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.ask();
        neighbours.card("one");
        for number in 0..4 {
            let client = format!("203.0.113.{number}");
            let (code, _, order) = order(&orders, &format!("key-{number}"), &client, &of_cart(number)).await;
            assert_eq!(code, 202, "{order}");
            // Whether it still waits or was given up.
            if number == 0 {
                let path = format!("/orders/{}/cancellation", order["id"].as_str().expect("an id"));
                let cart = json!({ "cart": uuid::Uuid::from_u128(1) });
                assert_eq!(orders.post(&path, "any", &cart).await.0, 200);
            }
        }
        neighbours.card("another");
        assert_eq!(order(&orders, "another", "203.0.113.9", &of_cart(9)).await.0, 202);
        let calls = neighbours.calls("wait");
        let seconds: Vec<_> = calls.iter().map(|call| call["expires_in_seconds"].as_u64()).collect();
        assert_eq!(seconds, [Some(180), Some(180), Some(180), Some(1), Some(180)]);
    }
}
