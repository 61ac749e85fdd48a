use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;
use service::Part;

use crate::{Shop, add, create, lines, open};

/// A copy of the file while the process runs is what a crash would leave.
#[tokio::test]
async fn answered_change_survives_a_crash() {
    let shop = Shop::in_file().await;
    let folder = shop.folder.as_ref().unwrap().path();
    let cart = create(&shop.carts).await;
    for number in 0..20 {
        add(&shop.carts, &cart, &format!("mug-{number}"), 1).await;
        let left = folder.join(format!("left-{number}.redb"));
        fs::copy(folder.join("cart.redb"), &left).unwrap();
        let restarted = open(&format!("redb:{}", left.display()), &shop.clock).await;
        assert_eq!(restarted.get(&cart).await, shop.carts.get(&cart).await);
    }
}

#[tokio::test]
async fn second_process_cannot_open_the_file() {
    let shop = Shop::in_file().await;
    let second = cart::App::start(cart::Config {
        store_url: shop.url.parse().unwrap(),
    });
    assert!(second.await.err().unwrap().to_string().contains("already open"));
}

/// The answer does not quote Redis's error, and the process reconnects by itself.
#[tokio::test]
async fn redis_outage_is_answered_with_503_and_loses_no_cart() {
    let Some(mut shop) = Shop::in_redis().await else {
        return;
    };
    let cart = create(&shop.carts).await;
    add(&shop.carts, &cart, "mug", 2).await;
    let redis = shop.redis.as_mut().unwrap();
    redis.crash();
    for _ in 0..3 {
        let (status, problem) = add(&shop.carts, &cart, "mug", 1).await;
        assert_eq!((status, &problem["type"]), (503, &"urn:problem:not-ready".into()));
        assert!(!problem.to_string().contains("refused"), "{problem}");
        assert_eq!(shop.carts.get("/health/ready").await.0, 503);
    }
    redis.restart().await;
    let begun = Instant::now();
    let answer = loop {
        match shop.carts.get(&cart).await {
            (status, answer) if status == 200 => break answer,
            (status, _) => assert_eq!(status, 503),
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "the connection does not come back"
        );
    };
    assert_eq!(lines(&answer), [("mug", 2)]);
    assert_eq!(shop.carts.get("/health/ready").await.0, 200);
}

/// When the answer is lost, the change may have been made. A request with a key can be repeated.
#[tokio::test]
async fn change_with_a_lost_answer_is_made_once() {
    let Some(shop) = Shop::in_redis().await else {
        return;
    };
    let cart = create(&shop.carts).await;
    add(&shop.carts, &cart, "bowl", 1).await;
    let client = redis::Client::open(&*shop.url).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let mug = json!({ "sku": "mug", "quantity": 1 });
    let add = async || shop.carts.post(&format!("{cart}/lines"), "key-1", &mug).await;

    let pause = redis::cmd("CLIENT").arg(&["PAUSE", "60000", "WRITE"]).to_owned();
    pause.exec_async(&mut redis).await.unwrap();
    let begun = Instant::now();
    assert_eq!(add().await.0, 503);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let resume = redis::cmd("CLIENT").arg("UNPAUSE").to_owned();
    resume.exec_async(&mut redis).await.unwrap();
    for _ in 0..2 {
        let (status, answer) = add().await;
        assert_eq!((status.as_u16(), lines(&answer)), (200, vec![("bowl", 1), ("mug", 1)]));
        assert_eq!(answer["version"], 2);
    }
}

#[tokio::test]
async fn start_without_redis_fails() {
    let url = "redis://127.0.0.1:1/0".parse().unwrap();
    assert!(cart::App::start(cart::Config { store_url: url }).await.is_err());
}
