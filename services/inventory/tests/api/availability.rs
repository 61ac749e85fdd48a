//! Long polling of availability.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use testkit::Running;

use crate::{inventories, put_stock, start};

async fn ask(inventory: &Running, skus: &str, seen: &str, wait: u64) -> reqwest::Response {
    let request = inventory.request(
        Method::GET,
        &format!("/availability?sku={}", skus.replace(',', "&sku=")),
    );
    let request = request
        .header("if-none-match", seen)
        .header("prefer", format!("wait={wait}"));
    request.send().await.expect("inventory answers")
}

fn tag(answer: &reqwest::Response) -> String {
    answer.headers()["etag"].to_str().expect("a tag").to_owned()
}

async fn items(answer: reqwest::Response) -> Value {
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.expect("JSON")["items"].clone()
}

#[tokio::test]
async fn change_at_any_replica_answers_waiting_requests_at_once() {
    for inventory in inventories().await {
        let other = start(&inventory.database.url, 3_600_000).await.0;
        put_stock(&inventory, "a", 3).await;
        put_stock(&inventory, "b", 0).await;
        let seen = tag(&ask(&inventory, "a,b,c", "", 0).await);
        let begun = Instant::now();
        let body = json!({ "order": crate::ORDER, "lines": [{ "sku": "a", "quantity": 2 }] });
        let (by_one, by_other, (status, held)) = tokio::join!(
            ask(&inventory, "a,b,c", &seen, 25),
            ask(&other, "a,b,c", &seen, 25),
            inventory.post("/reservations", "key", &body),
        );
        assert_eq!(status, 201, "{held}");
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "the requests waited until their timeout"
        );
        let item = |sku, available| json!({ "sku": sku, "available": available, "tracked": true, "backorder": "deny" });
        let expected = json!([item("a", 1), item("b", 0)]);
        assert_eq!(items(by_one).await, expected);
        assert_eq!(items(by_other).await, expected);
    }
}

#[tokio::test]
async fn change_of_another_sku_does_not_answer_a_waiting_request() {
    for inventory in inventories().await {
        put_stock(&inventory, "a", 3).await;
        let seen = tag(&ask(&inventory, "a", "", 0).await);
        let (unchanged, ()) = tokio::join!(ask(&inventory, "a", &seen, 1), put_stock(&inventory, "b", 5));
        assert_eq!((unchanged.status().as_u16(), tag(&unchanged)), (304, seen));
    }
}
