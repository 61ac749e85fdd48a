use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Running;

use crate::{Shop, add, create, lines, open, pointers, send, shops};

async fn merge(carts: &Running, into: &str, from: &str) -> (u16, Value) {
    let from = json!({ "from": from.trim_start_matches("/carts/") });
    send(carts, Method::POST, &format!("{into}/merge"), Some(&from)).await
}

#[tokio::test]
async fn cart_is_merged_into_another_once() {
    for Shop { carts, .. } in &shops().await {
        let (member, guest) = (create(carts).await, create(carts).await);
        add(carts, &member, "vase", 60).await;
        for (sku, quantity) in [("mug", 2), ("vase", 60)] {
            add(carts, &guest, sku, quantity).await;
        }
        for _ in 0..3 {
            let (status, answer) = merge(carts, &member, &guest).await;
            assert_eq!((status, lines(&answer)), (200, vec![("vase", 99), ("mug", 2)]));
            assert_eq!(answer["version"], 2);
            assert_eq!(carts.get(&member).await.1, answer);
            assert_eq!(lines(&carts.get(&guest).await.1), []);
        }
        add(carts, &guest, "bowl", 1).await;
        let (_, answer) = merge(carts, &member, &guest).await;
        assert_eq!(lines(&answer), [("vase", 99), ("mug", 2), ("bowl", 1)]);
    }
}

#[tokio::test]
async fn rejected_merge_changes_no_cart() {
    for Shop { carts, clock, .. } in &shops().await {
        let (member, guest) = (create(carts).await, create(carts).await);
        for number in 0..50 {
            add(carts, &member, &format!("mug-{number}"), 1).await;
        }
        add(carts, &guest, "vase", 1).await;
        let before = [carts.get(&member).await, carts.get(&guest).await];
        for from in [&guest, &member] {
            let (status, problem) = merge(carts, &member, from).await;
            assert_eq!((status, pointers(&problem)), (422, vec!["#/from"]));
        }
        let nothing = "00000000-0000-4000-8000-000000000000";
        assert_eq!(merge(carts, &member, nothing).await, (200, before[0].1.clone()));
        assert_eq!(merge(carts, &format!("/carts/{nothing}"), &guest).await.0, 404);
        let (status, problem) = merge(carts, &member, "nonsense").await;
        assert_eq!((status, pointers(&problem)), (422, vec!["#/from"]));
        assert_eq!([carts.get(&member).await, carts.get(&guest).await], before);

        clock.advance(TimeDelta::days(29));
        add(carts, &member, "mug-0", 1).await;
        clock.advance(TimeDelta::days(1));
        let (status, answer) = merge(carts, &member, &guest).await;
        assert_eq!(
            (status, &answer["quantity"]),
            (200, &json!(51)),
            "the other cart has expired"
        );
    }
}

/// Two replicas merge the same cart into two others while lines are added to all of them: nothing is lost or doubled.
async fn race(replicas: [&Running; 2]) {
    let (guest, members) = (
        create(replicas[0]).await,
        [create(replicas[0]).await, create(replicas[0]).await],
    );
    let mut changing = Vec::new();
    for number in 0..20 {
        let replica = replicas[number % 2];
        let line = json!({ "sku": format!("mug-{}", number % 2), "quantity": 1 });
        for cart in [&guest, &members[0], &members[1]] {
            let request = replica.request(Method::POST, &format!("{cart}/lines")).json(&line);
            changing.push(tokio::spawn(request.send()));
        }
        let from = json!({ "from": guest.trim_start_matches("/carts/") });
        let request = replica
            .request(Method::POST, &format!("{}/merge", members[number / 10]))
            .json(&from);
        changing.push(tokio::spawn(request.send()));
    }
    for changed in changing {
        assert_eq!(changed.await.unwrap().unwrap().status(), 200);
    }
    let mut quantity = 0;
    for cart in [&guest, &members[0], &members[1]] {
        quantity += replicas[1].get(cart).await.1["quantity"].as_u64().unwrap();
    }
    assert_eq!(quantity, 60);
}

#[tokio::test]
async fn concurrent_merges_lose_nothing() {
    for Shop { carts, .. } in &shops().await {
        race([carts, carts]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_merges_at_two_replicas_lose_nothing() {
    let Some(shop) = Shop::in_redis().await else {
        return;
    };
    let second = open(&shop.url, &shop.clock).await;
    race([&shop.carts, &second]).await;
}
