//! Retention.

use std::time::Duration;

use service::Part;
use storage::{Db, execute};
use stripe_double::App;
use values::Clock;

use crate::{Double, config};

/// The names of all stored keys, events and requests.
async fn kept(db: &Db) -> Vec<String> {
    let sql =
        "select key as name from idempotency_keys union all select id from events union all select path from requests
        order by name";
    let rows: Vec<(String,)> = storage::fetch_all!(db, sql).expect("names");
    rows.into_iter().map(|(name,)| name).collect()
}

#[tokio::test]
async fn old_keys_events_and_requests_are_deleted() {
    let double = Double::start().await;
    let db = double.db().await;
    let (now, day) = (Clock::system().now().timestamp(), 24 * 60 * 60);
    let mut tx = db.begin().await.expect("a transaction");
    for (name, age) in [("old key", day + 60), ("new key", day - 60)] {
        let sql = "insert into idempotency_keys (key, path, params, request, status, answer, created_at)
            values ($1, '', '{}', '', 200, '{}', $2)";
        execute!(&mut tx, sql, name, now - age).expect("a key");
    }
    for (name, age) in [("old event", 31), ("new event", 29)] {
        let sql = "insert into events (id, type, body, created_ms, is_sent) values ($1, '', '{}', $2, true)";
        execute!(&mut tx, sql, name, (now - age * day) * 1000).expect("an event");
    }
    for (name, number) in [("old call", 1), ("new call", 2), ("last call", 100_001)] {
        let sql = "insert into requests (number, method, path, params, status, answer) values ($1, 'POST', $2, '{}', 200, '{}')";
        execute!(&mut tx, sql, number, name).expect("a call");
    }
    tx.commit().await.expect("written");

    let _again = App::start(config(&double.folder, &double.listener.url))
        .await
        .expect("the double");
    for _ in 0..1000 {
        if kept(&db).await.len() == 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(kept(&db).await, ["last call", "new call", "new event", "new key"]);
}
