//! Rows that are deleted after a time.

use chrono::{DateTime, TimeDelta, Utc};
use storage::{Db, Error, execute};
use uuid::Uuid;
use values::Clock;

use crate::neighbours::Neighbours;
use crate::start;

async fn insert(db: &Db, key: &str, placed: DateTime<Utc>, tried: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let sql = "insert into idempotency (key, fingerprint, answer, created_at) values ($1, 'sha256:', $2, $3)";
    execute!(&mut tx, sql, key, storage::Json(1), placed)?;
    let sql = "insert into tries (order_id, outcome, tried_at) values ($1, 'declined', $2)";
    execute!(&mut tx, sql, Uuid::now_v7(), tried)?;
    tx.commit().await
}

/// The numbers of keys and failed payments.
async fn count(db: &Db) -> (i64, i64) {
    let sql = "select (select count(*) from idempotency), (select count(*) from tries)";
    storage::fetch_one!(db, sql).expect("counts")
}

#[tokio::test]
async fn old_keys_and_failed_payments_are_deleted_at_start() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        drop(start(&database.url, &neighbours.url()).await);
        let db = Db::open(database.url.clone()).await.expect("a database");
        let (now, hour) = (Clock::system().now(), TimeDelta::hours(1));
        let (month, day) = (now - TimeDelta::days(30), now - TimeDelta::days(1));
        insert(&db, "old", month - hour, day - hour).await.expect("written");
        insert(&db, "new", month + hour, day + hour).await.expect("written");

        let _orders = start(&database.url, &neighbours.url()).await;
        for _ in 0..1000 {
            if count(&db).await == (1, 1) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(count(&db).await, (1, 1));
        let (key,): (String,) = storage::fetch_one!(&db, "select key from idempotency").expect("a key");
        assert_eq!(key, "new");
    }
}
