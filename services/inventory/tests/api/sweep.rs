use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::json;
use storage::{Db, execute};

use crate::{assert_sound, hold, kinds, put_stock, request, start, stock};

/// Two replicas sweep, and no request asks for the units.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn overdue_reservations_are_swept_once() {
    for database in testkit::databases().await {
        let (inventory, clock) = start(&database.url, 10).await;
        let (_other, other_clock) = start(&database.url, 10).await;
        put_stock(&inventory, "mug", 300).await;
        for number in 0..120 {
            let mut body = request(&[("mug", 2)]);
            body["expires_in_seconds"] = json!(60);
            hold(&inventory, &format!("overdue-{number}"), &body).await;
        }
        hold(&inventory, "kept", &request(&[("mug", 1)])).await;
        clock.advance(TimeDelta::seconds(60));
        other_clock.advance(TimeDelta::seconds(60));

        let begun = Instant::now();
        let freed = || async {
            let kinds = kinds(&inventory, "mug").await;
            kinds.iter().filter(|kind| *kind == "expired").count()
        };
        while freed().await < 120 {
            assert!(begun.elapsed() < Duration::from_secs(10), "not swept");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(freed().await, 120);
        assert_eq!(stock(&inventory, "mug").await, [300, 1, 299]);
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn old_idempotency_keys_are_swept_at_the_start() {
    for database in testkit::databases().await {
        let (running, clock) = start(&database.url, 3_600_000).await;
        drop(running);
        let db = Db::open(database.url.clone()).await.expect("a database");
        let mut tx = db.begin().await.expect("a transaction");
        let month = clock.now() - TimeDelta::days(30);
        for (key, at) in [
            ("old", month - TimeDelta::hours(1)),
            ("new", month + TimeDelta::hours(1)),
        ] {
            let sql = "insert into idempotency (key, fingerprint, answer, created_at) values ($1, 'sha256:', $2, $3)";
            execute!(&mut tx, sql, key, storage::Json(1), at).expect("a key");
        }
        tx.commit().await.expect("written");

        let _inventory = start(&database.url, 3_600_000).await;
        let begun = Instant::now();
        loop {
            let keys: Vec<(String,)> = storage::fetch_all!(&db, "select key from idempotency").expect("keys");
            if keys == [("new".to_owned(),)] {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "not swept: {keys:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
