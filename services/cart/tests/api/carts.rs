use std::fs;

use chrono::TimeDelta;
use serde_json::json;

use crate::{Clock, add, carts, create, lines, open, set};

#[tokio::test]
async fn what_is_not_there_is_404() {
    let (carts, ..) = carts().await;
    for path in ["/carts/9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42", "/carts/1", "/carts/%00"] {
        let (status, problem) = carts.get(path).await;
        assert_eq!(
            (status.as_u16(), &problem["type"]),
            (404, &json!("urn:problem:not-found"))
        );
        assert_eq!(add(&carts, path, "mug", 1).await.0, 404);
        assert_eq!(set(&carts, path, "mug", 1).await.0, 404);
        assert_eq!(carts.delete(&format!("{path}/lines/mug")).await.0, 404);
        assert_eq!(carts.delete(&format!("{path}/lines")).await.0, 404);
    }
}

#[tokio::test]
async fn names_cannot_be_guessed() {
    let (carts, ..) = carts().await;
    let cart = create(&carts).await;
    let id: uuid::Uuid = cart.trim_start_matches("/carts/").parse().unwrap();
    assert_eq!(id.get_version(), Some(uuid::Version::Random));
    assert_ne!(create(&carts).await, cart);
}

#[tokio::test]
async fn a_cart_lives_for_thirty_days_after_its_last_change() {
    let (carts, clock, _folder) = carts().await;
    let cart = create(&carts).await;
    clock.forward(TimeDelta::days(29));
    assert_eq!(add(&carts, &cart, "mug", 1).await.0, 200);
    clock.forward(TimeDelta::days(29));
    assert_eq!(lines(&carts.get(&cart).await.1), [("mug", 1)]);
    clock.forward(TimeDelta::days(1));
    assert_eq!(carts.get(&cart).await.0, 404);
    assert_eq!(add(&carts, &cart, "mug", 1).await.0, 404);
}

/// A copy of the file as it is while the process runs is what a crash leaves.
#[tokio::test]
async fn what_was_answered_survives_a_crash() {
    let (carts, clock, folder) = carts().await;
    let cart = create(&carts).await;
    for number in 0..20 {
        add(&carts, &cart, &format!("mug-{number}"), 1).await;
        let left = folder.path().join(format!("left-{number}.redb"));
        fs::copy(folder.path().join("cart.redb"), &left).unwrap();
        let restarted = open(&left, Clock::clone(&clock)).await;
        assert_eq!(restarted.get(&cart).await, carts.get(&cart).await);
    }
}

#[tokio::test]
async fn one_process_at_a_time_has_the_file() {
    use service::Part;

    let (_carts, _clock, folder) = carts().await;
    let store_url = format!("redb:{}", folder.path().join("cart.redb").display());
    let second = cart::App::start(cart::Config {
        store_url: store_url.parse().unwrap(),
    });
    assert!(second.await.err().unwrap().to_string().contains("already open"));
}
