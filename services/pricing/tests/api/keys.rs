//! Rotation and revocation of the keys that sign quotes.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::{Value, json};
use storage::{Db, execute};
use testkit::{Running, TestClock};

use crate::{pricings, start, start_with_clock};

/// The IDs of the keys, the newest first.
async fn kids(pricing: &Running) -> Vec<String> {
    let (status, set) = pricing.get("/keys").await;
    assert_eq!(status, 200, "{set}");
    let keys = set["keys"].as_array().expect("keys").iter();
    keys.map(|key| key["kid"].as_str().expect("a key ID").to_owned())
        .collect()
}

/// The ID of the key that signs a quote now.
async fn signing_kid(pricing: &Running) -> String {
    let request = json!({
        "currency": "EUR", "country": "DE", "shipping": "standard",
        "lines": [{ "sku": "onda-vase-sand", "quantity": 1 }],
    });
    let (status, quote) = pricing.post("/quotes", "unused", &request).await;
    assert_eq!(status, 201, "{quote}");
    let header = quote["token"].as_str().and_then(|token| token.split('.').next());
    let header = BASE64_URL_SAFE_NO_PAD
        .decode(header.expect("a header"))
        .expect("base64");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a key ID").to_owned()
}

#[tokio::test]
async fn new_key_is_published_before_it_signs() {
    for (pricing, database) in pricings().await {
        let [first] = kids(&pricing).await.try_into().expect("one key");
        assert_eq!(signing_kid(&pricing).await, first);
        let (status, set) = pricing.post("/keys", "unused", &Value::Null).await;
        assert_eq!((status.as_u16(), set["keys"].as_array().map(Vec::len)), (201, Some(2)));
        let clock = TestClock::default();
        let other = start_with_clock(&database, clock.clock()).await;
        for replica in [&pricing, &other] {
            let [new, old] = kids(replica).await.try_into().expect("two keys");
            assert!(new != first && old == first);
            assert_eq!(
                signing_kid(replica).await,
                first,
                "other replicas may not know the new key yet"
            );
        }
        clock.advance(TimeDelta::minutes(1));
        let new = kids(&other).await.remove(0);
        assert_eq!(signing_kid(&other).await, new);
        assert!(kids(&other).await.contains(&first), "its quotes have not expired");
    }
}

#[tokio::test]
async fn revoked_key_is_replaced_at_once() {
    for (pricing, _database) in pricings().await {
        let [first] = kids(&pricing).await.try_into().expect("one key");
        for unknown in ["nothing", "%00", &"x".repeat(500)] {
            assert_eq!(pricing.delete(&format!("/keys/{unknown}")).await.0, 404, "{unknown}");
        }
        assert_eq!(pricing.delete(&format!("/keys/{first}")).await.0, 204);
        let [second] = kids(&pricing).await.try_into().expect("a new key");
        assert_ne!(second, first);
        assert_eq!(signing_kid(&pricing).await, second);
        assert_eq!(pricing.delete(&format!("/keys/{first}")).await.0, 404);
    }
}

#[tokio::test]
async fn key_of_the_legacy_table_is_migrated() {
    for (pricing, database) in pricings().await {
        let before = kids(&pricing).await;
        drop(pricing);
        let db = Db::open(database.url.clone()).await.expect("a database");
        let mut tx = db.begin().await.expect("a transaction");
        execute!(
            &mut tx,
            "insert into keys (purpose, pkcs8, created_at) select 'quotes', pkcs8, created_at from signing_keys"
        )
        .expect("a legacy key");
        execute!(&mut tx, "delete from signing_keys").expect("an empty table");
        tx.commit().await.expect("done");
        let pricing = start(&database).await;
        assert_eq!(kids(&pricing).await, before);
        assert_eq!(signing_kid(&pricing).await, before[0]);
    }
}
