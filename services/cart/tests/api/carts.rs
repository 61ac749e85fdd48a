use chrono::TimeDelta;
use serde_json::json;

use crate::{Shop, add, create, lines, set, shops};

#[tokio::test]
async fn unknown_cart_is_not_found() {
    for Shop { carts, .. } in &shops().await {
        for path in ["/carts/9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42", "/carts/1", "/carts/%00"] {
            let (status, problem) = carts.get(path).await;
            assert_eq!(
                (status.as_u16(), &problem["type"]),
                (404, &json!("urn:problem:not-found"))
            );
            assert_eq!(add(carts, path, "mug", 1).await.0, 404);
            assert_eq!(set(carts, path, "mug", 1).await.0, 404);
            assert_eq!(carts.delete(&format!("{path}/lines/mug")).await.0, 404);
            assert_eq!(carts.delete(&format!("{path}/lines")).await.0, 404);
        }
    }
}

#[tokio::test]
async fn cart_ids_are_random() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        let id: uuid::Uuid = cart.trim_start_matches("/carts/").parse().unwrap();
        assert_eq!(id.get_version(), Some(uuid::Version::Random));
        assert_ne!(create(carts).await, cart);
    }
}

#[tokio::test]
async fn cart_expires_thirty_days_after_its_last_change() {
    for Shop { carts, clock, .. } in &shops().await {
        let cart = create(carts).await;
        clock.advance(TimeDelta::days(29));
        assert_eq!(add(carts, &cart, "mug", 1).await.0, 200);
        clock.advance(TimeDelta::days(29));
        assert_eq!(lines(&carts.get(&cart).await.1), [("mug", 1)]);
        clock.advance(TimeDelta::days(1));
        assert_eq!(carts.get(&cart).await.0, 404);
        assert_eq!(add(carts, &cart, "mug", 1).await.0, 404);
    }
}
