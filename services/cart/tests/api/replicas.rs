//! Concurrent changes at one process, and at two that share a Redis.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Running;

use crate::{Shop, create, open, shops};

/// Two tabs add a hundred units each, of four SKUs in turn.
async fn race(replicas: [&Running; 2]) -> Value {
    let cart = create(replicas[0]).await;
    let mut adding = Vec::new();
    for replica in replicas {
        for number in 0..100 {
            let line = json!({ "sku": format!("mug-{}", number % 4), "quantity": 1 });
            let request = replica.request(Method::POST, &format!("{cart}/lines")).json(&line);
            adding.push(tokio::spawn(request.send()));
        }
    }
    for added in adding {
        assert_eq!(added.await.unwrap().unwrap().status(), 200);
    }
    let answers = [replicas[0].get(&cart).await.1, replicas[1].get(&cart).await.1];
    assert_eq!(answers[0], answers[1]);
    answers.into_iter().next().unwrap()
}

fn assert_all_there(cart: &Value) {
    let [quantity, version] = [&cart["quantity"], &cart["version"]];
    assert_eq!((quantity, version), (&json!(200), &json!(200)));
    let lines = cart["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|line| line["quantity"] == 50), "{cart}");
}

#[tokio::test]
async fn concurrent_changes_are_all_kept() {
    for Shop { carts, .. } in &shops().await {
        assert_all_there(&race([carts, carts]).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_at_two_replicas_are_all_kept() {
    let Some(shop) = Shop::in_redis().await else {
        return;
    };
    let second = open(&shop.url, &shop.clock).await;
    assert_all_there(&race([&shop.carts, &second]).await);
}
