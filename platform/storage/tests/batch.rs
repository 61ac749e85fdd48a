//! Transactions that share a commit are isolated from each other's failures.

use storage::{Batch, Db, Error, execute, fetch_one};
use testkit::Database;
use tokio::task::{JoinSet, yield_now};

async fn batches() -> Vec<(Batch, Db, Database)> {
    let mut batches = Vec::new();
    for database in testkit::databases().await {
        let db = Db::open(database.url.clone()).await.unwrap();
        let tables = "create table notes (id bigint primary key);
            create table remarks (note bigint references notes (id) deferrable initially deferred);";
        let migrations = [("notes", tables)];
        storage::migrate(&db, &migrations).await.unwrap();
        batches.push((Batch::new(db.clone()), db, database));
    }
    batches
}

/// Writes all ids in one transaction, or none.
async fn write(batch: &Batch, ids: &[i64]) -> Result<(), Error> {
    let mut tx = batch.begin().await?;
    for id in ids {
        execute!(&mut tx, "insert into notes (id) values ($1)", id)?;
    }
    tx.commit().await
}

async fn count(db: &Db) -> i64 {
    let (count,): (i64,) = fetch_one!(db, "select count(*) from notes").unwrap();
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn failed_member_is_rolled_back_and_no_other() {
    for (batch, db, _database) in batches().await {
        let mut members = JoinSet::new();
        for id in 0..100 {
            let batch = batch.clone();
            // Every other transaction writes a row that exists already, and fails.
            let second = if id % 2 == 0 { id } else { id + 1000 };
            members.spawn(async move { (id, write(&batch, &[id, second]).await) });
        }
        while let Some(done) = members.join_next().await {
            let (id, answer) = done.unwrap();
            assert_eq!(answer.is_ok(), id % 2 == 1, "{id}: {answer:?}");
        }
        assert_eq!(count(&db).await, 100);
    }
}

#[tokio::test]
async fn dropped_member_is_rolled_back() {
    for (batch, db, _database) in batches().await {
        let mut tx = batch.begin().await.unwrap();
        execute!(&mut tx, "insert into notes (id) values (1)").unwrap();
        drop(tx);
        write(&batch, &[2]).await.unwrap();
        let (left,): (i64,) = fetch_one!(&db, "select id from notes").unwrap();
        assert_eq!(left, 2);
    }
}

/// On SQLite, transactions that wait for the writer are committed together with the first of them.
#[tokio::test]
async fn waiting_transactions_share_a_commit() {
    for (batch, db, _database) in batches().await {
        if matches!(db, Db::Postgres(_)) {
            continue;
        }
        let busy = db.begin().await.unwrap();
        let mut members = JoinSet::new();
        for id in 0..50 {
            let batch = batch.clone();
            members.spawn(async move { write(&batch, &[id]).await });
        }
        // There is one thread: after this, each task has come as far as it can.
        for _ in 0..members.len() {
            yield_now().await;
        }
        drop(busy);
        members.join_next().await.unwrap().unwrap().unwrap();
        assert_eq!(count(&db).await, 50);
        while let Some(done) = members.join_next().await {
            done.unwrap().unwrap();
        }
    }
}

/// A commit that fails, here for a missing foreign key, is confirmed to none of its members.
#[tokio::test]
async fn failed_commit_is_confirmed_to_no_member() {
    for (batch, db, _database) in batches().await {
        if matches!(db, Db::Postgres(_)) {
            continue;
        }
        let mut tx = batch.begin().await.unwrap();
        execute!(&mut tx, "insert into remarks (note) values (7)").unwrap();
        let sharing = write(&batch, &[1]);
        let (first, second) = tokio::join!(tx.commit(), sharing);
        assert!(first.is_err());
        // The second member was too late to share the commit, or got the error, too.
        assert_eq!(count(&db).await, i64::from(second.is_ok()));
        write(&batch, &[2]).await.unwrap();
    }
}
