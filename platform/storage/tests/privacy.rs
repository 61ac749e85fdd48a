//! Data at rest: file permissions and fingerprints.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;
use serde_json::{Value, json};
use storage::idempotency::{self, Replay};
use storage::{DatabaseUrl, Db, clock, execute, fetch_all};

const TABLE: &str = "create table idempotency
    (key text primary key, fingerprint text not null, answer jsonb not null, created_at timestamptz not null)";

async fn databases() -> Vec<(Db, testkit::Database)> {
    let mut databases = Vec::new();
    for database in testkit::databases().await {
        let db = Db::open(database.url.clone()).await.expect("a database");
        let mut tx = db.begin().await.expect("a transaction");
        execute!(&mut tx, TABLE).expect("a table");
        tx.commit().await.expect("done");
        databases.push((db, database));
    }
    databases
}

async fn fingerprints(db: &Db) -> Vec<String> {
    let rows: Result<Vec<(String,)>, _> = fetch_all!(db, "select fingerprint from idempotency order by key");
    rows.expect("fingerprints").into_iter().map(|(text,)| text).collect()
}

fn request() -> Value {
    json!({ "name": "Ada Lovelace", "line1": "Lindenstraße 1" })
}

#[tokio::test]
async fn fingerprint_is_a_hash_of_the_request() {
    for (db, _database) in databases().await {
        let mut tx = db.begin().await.expect("a transaction");
        let now = clock::now();
        let inserted = idempotency::insert(&mut tx, "new", &request(), &json!("first"), now).await;
        inserted.expect("a new key");
        // As older versions have written it.
        let sql = "insert into idempotency (key, fingerprint, answer, created_at) values ($1, $2, $3, $4)";
        let text = request().to_string();
        execute!(&mut tx, sql, "old", text, storage::Json(json!("second")), now).expect("an old key");
        tx.commit().await.expect("done");
        for _ in 0..2 {
            for (key, answer) in [("new", "first"), ("old", "second")] {
                let known = idempotency::find_committed::<String>(&db, key, &request())
                    .await
                    .expect("a look");
                assert!(
                    matches!(known, Replay::Answered(ref known) if known == answer),
                    "{known:?}"
                );
                let other = idempotency::find_committed::<String>(&db, key, &json!({}))
                    .await
                    .expect("a look");
                assert!(matches!(other, Replay::Mismatch), "{other:?}");
            }
            let forgotten = idempotency::sweep(&db, now - TimeDelta::days(1)).await;
            assert_eq!(forgotten.expect("a sweep"), 0);
        }
        for text in fingerprints(&db).await {
            assert!(text.starts_with("sha256:") && text.len() == 71, "{text}");
        }
    }
}

#[tokio::test]
async fn old_keys_are_deleted() {
    for (db, _database) in databases().await {
        let now = clock::now();
        for (key, age) in [("old", 31), ("new", 29)] {
            let mut tx = db.begin().await.expect("a transaction");
            let at = now - TimeDelta::days(age);
            let inserted = idempotency::insert(&mut tx, key, &request(), &json!(1), at).await;
            inserted.expect("a new key");
            tx.commit().await.expect("done");
        }
        let forgotten = idempotency::sweep(&db, now - TimeDelta::days(30)).await;
        assert_eq!(forgotten.expect("a sweep"), 1);
        assert_eq!(fingerprints(&db).await.len(), 1);
    }
}

#[tokio::test]
async fn database_file_is_readable_by_its_owner_alone() {
    for (db, database) in databases().await {
        let DatabaseUrl::Sqlite(options) = &database.url else {
            continue;
        };
        let file = options.get_filename();
        let mode = || fs::metadata(file).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        // A file of an older version.
        drop(db);
        fs::set_permissions(file, Permissions::from_mode(0o644)).expect("permissions");
        Db::open(database.url.clone()).await.expect("a database");
        assert_eq!(mode(), 0o600);
    }
}
