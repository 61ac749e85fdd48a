//! Several at once: tabs on one process, and on two that share a Redis.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Running;

use crate::{Shop, create, open, shops};

/// Two shoppers' tabs add a hundred things each, one at a time of each of four kinds.
async fn race(doors: [&Running; 2]) -> Value {
    let cart = create(doors[0]).await;
    let mut adding = Vec::new();
    for door in doors {
        for number in 0..100 {
            let line = json!({ "sku": format!("mug-{}", number % 4), "quantity": 1 });
            let request = door.request(Method::POST, &format!("{cart}/lines")).json(&line);
            adding.push(tokio::spawn(request.send()));
        }
    }
    for added in adding {
        assert_eq!(added.await.unwrap().unwrap().status(), 200);
    }
    let answers = [doors[0].get(&cart).await.1, doors[1].get(&cart).await.1];
    assert_eq!(answers[0], answers[1]);
    answers.into_iter().next().unwrap()
}

fn is_all_there(cart: &Value) {
    let [quantity, version] = [&cart["quantity"], &cart["version"]];
    assert_eq!((quantity, version), (&json!(200), &json!(200)));
    let lines = cart["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|line| line["quantity"] == 50), "{cart}");
}

#[tokio::test]
async fn no_change_is_lost_to_another() {
    for Shop { carts, .. } in &shops().await {
        is_all_there(&race([carts, carts]).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_lost_to_another_replica() {
    let Some(shop) = Shop::in_redis().await else {
        return;
    };
    let second = open(&shop.url, shop.clock.clone()).await;
    is_all_there(&race([&shop.carts, &second]).await);
}
