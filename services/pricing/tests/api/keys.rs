//! The keys that sign quotes change without anybody noticing, and can be taken back.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use storage::{Db, execute};
use testkit::Running;

use crate::{pricings, start};

/// The names of the keys, the newest first.
async fn kids(pricing: &Running) -> Vec<String> {
    let (status, set) = pricing.get("/keys").await;
    assert_eq!(status, 200, "{set}");
    let keys = set["keys"].as_array().expect("keys").iter();
    keys.map(|key| key["kid"].as_str().expect("a name").to_owned())
        .collect()
}

/// The name of the key that signs a quote now.
async fn signs(pricing: &Running) -> String {
    let wish = json!({
        "currency": "EUR", "country": "DE", "shipping": "standard",
        "lines": [{ "sku": "onda-vase-sand", "quantity": 1 }],
    });
    let (status, quote) = pricing.post("/quotes", "unused", &wish).await;
    assert_eq!(status, 201, "{quote}");
    let header = quote["token"].as_str().and_then(|token| token.split('.').next());
    let header = BASE64_URL_SAFE_NO_PAD
        .decode(header.expect("a header"))
        .expect("base64");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a name").to_owned()
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs() {
    for (pricing, database) in pricings().await {
        let [first] = kids(&pricing).await.try_into().expect("one key");
        assert_eq!(signs(&pricing).await, first);
        let (status, set) = pricing.post("/keys", "unused", &Value::Null).await;
        assert_eq!((status.as_u16(), set["keys"].as_array().map(Vec::len)), (201, Some(2)));
        let other = start(&database).await;
        for replica in [&pricing, &other] {
            let [new, old] = kids(replica).await.try_into().expect("two keys");
            assert!(new != first && old == first);
            assert_eq!(signs(replica).await, first, "others have yet to hear of the new one");
        }
        // A minute has passed.
        let db = Db::open(database.url.clone()).await.expect("a database");
        let mut tx = db.begin().await.expect("a transaction");
        let earlier = storage::clock::now() - chrono::TimeDelta::minutes(1);
        let sql = "update signing_keys set created_at = $1 where kid <> $2";
        execute!(&mut tx, sql, earlier, first.as_str()).expect("the new key");
        let sql = "update signing_keys set created_at = $1 where kid = $2";
        execute!(&mut tx, sql, earlier - chrono::TimeDelta::minutes(1), first.as_str()).expect("the old key");
        tx.commit().await.expect("done");
        let new = kids(&other).await.remove(0);
        assert_eq!(signs(&other).await, new);
        assert!(kids(&other).await.contains(&first), "its quotes still hold");
    }
}

#[tokio::test]
async fn a_key_that_others_know_is_taken_back() {
    for (pricing, _database) in pricings().await {
        let [first] = kids(&pricing).await.try_into().expect("one key");
        for unknown in ["nothing", "%00", &"x".repeat(500)] {
            assert_eq!(pricing.delete(&format!("/keys/{unknown}")).await.0, 404, "{unknown}");
        }
        assert_eq!(pricing.delete(&format!("/keys/{first}")).await.0, 204);
        let [second] = kids(&pricing).await.try_into().expect("another one in its place");
        assert_ne!(second, first);
        assert_eq!(signs(&pricing).await, second);
        assert_eq!(pricing.delete(&format!("/keys/{first}")).await.0, 404);
    }
}

#[tokio::test]
async fn the_key_of_before_goes_on_signing() {
    for (pricing, database) in pricings().await {
        let before = kids(&pricing).await;
        drop(pricing);
        let db = Db::open(database.url.clone()).await.expect("a database");
        let mut tx = db.begin().await.expect("a transaction");
        execute!(
            &mut tx,
            "insert into keys (purpose, pkcs8, created_at) select 'quotes', pkcs8, created_at from signing_keys"
        )
        .expect("a key as it was kept");
        execute!(&mut tx, "delete from signing_keys").expect("no other");
        tx.commit().await.expect("done");
        let pricing = start(&database).await;
        assert_eq!(kids(&pricing).await, before);
        assert_eq!(signs(&pricing).await, before[0]);
    }
}
