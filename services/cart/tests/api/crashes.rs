use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;
use service::Part;

use crate::{Clock, Shop, add, create, lines, open};

/// A copy of the file as it is while the process runs is what a crash leaves.
#[tokio::test]
async fn what_was_answered_survives_a_crash() {
    let shop = Shop::in_file().await;
    let folder = shop.folder.as_ref().unwrap().path();
    let cart = create(&shop.carts).await;
    for number in 0..20 {
        add(&shop.carts, &cart, &format!("mug-{number}"), 1).await;
        let left = folder.join(format!("left-{number}.redb"));
        fs::copy(folder.join("cart.redb"), &left).unwrap();
        let restarted = open(&format!("redb:{}", left.display()), Clock::clone(&shop.clock)).await;
        assert_eq!(restarted.get(&cart).await, shop.carts.get(&cart).await);
    }
}

#[tokio::test]
async fn one_process_at_a_time_has_the_file() {
    let shop = Shop::in_file().await;
    let second = cart::App::start(cart::Config {
        store_url: shop.url.parse().unwrap(),
    });
    assert!(second.await.err().unwrap().to_string().contains("already open"));
}

/// While Redis is away, that is what is said, without its words; and nobody has to start the process again.
#[tokio::test]
async fn redis_comes_back_with_everything() {
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
        assert!(begun.elapsed() < Duration::from_secs(10), "it does not come back");
    };
    assert_eq!(lines(&answer), [("mug", 2)]);
    assert_eq!(shop.carts.get("/health/ready").await.0, 200);
}

/// Where the answer does not come, nobody knows whether the change was made; whoever gave it a key asks again.
#[tokio::test]
async fn a_change_whose_answer_was_lost_is_made_once() {
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
async fn nobody_starts_without_redis() {
    let url = "redis://127.0.0.1:1/0".parse().unwrap();
    assert!(cart::App::start(cart::Config { store_url: url }).await.is_err());
}
