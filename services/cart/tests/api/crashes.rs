use std::fs;
use std::time::{Duration, Instant};

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

#[tokio::test]
async fn nobody_starts_without_redis() {
    let url = "redis://127.0.0.1:1/0".parse().unwrap();
    assert!(cart::App::start(cart::Config { store_url: url }).await.is_err());
}
