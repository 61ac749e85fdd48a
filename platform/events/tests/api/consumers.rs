//! Consumers: each event takes effect once, whatever happens.

use std::sync::Arc;
use std::time::Duration;

use events::Settings;
use storage::{Db, clock};
use testkit::{Database, Running};

use crate::index::{Index, Mood, eventually, settings};
use crate::things::{self, Things};

/// A publisher and its feed, and an empty database for a consumer, on each engine.
async fn pairs() -> Vec<(Things, Running, Database, Database)> {
    let mut pairs = Vec::new();
    for ((things, database), own) in things::all().await.into_iter().zip(testkit::databases().await) {
        let feed = things.serve().await;
        pairs.push((things, feed, database, own));
    }
    pairs
}

#[tokio::test]
async fn each_event_takes_effect_once_and_in_order() {
    for (things, feed, _database, own) in pairs().await {
        let mood = Mood::default();
        for size in 1..=150 {
            things.make("thing/1", size).await;
        }
        let index = Index::open(&own, &feed.url, &mood).await;
        for size in 151..=160 {
            things.make("thing/1", size).await;
        }
        index.has(160).await;
        assert_eq!(index.sizes().await, (1..=160).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn repeated_event_is_skipped() {
    for (things, feed, _database, own) in pairs().await {
        let mood = Mood::default();
        for size in 1..=5 {
            things.make("thing/1", size).await;
        }
        let index = Index::open(&own, &feed.url, &mood).await;
        index.has(5).await;
        drop(index);
        // As after a backup was restored, or if a source sends events twice.
        let index = Index::open(&own, &feed.url, &mood).await;
        let mut tx = index.db.begin().await.unwrap();
        storage::execute!(&mut tx, "update cursors set last_event = null, leased_until = null").unwrap();
        tx.commit().await.unwrap();
        things.make("thing/1", 6).await;
        index.has(6).await;
        assert_eq!(index.sizes().await, [1, 2, 3, 4, 5, 6]);
    }
}

#[tokio::test]
async fn crash_between_effect_and_commit_leaves_no_effect() {
    for (things, feed, _database, own) in pairs().await {
        let mood = Mood::default();
        mood.hangs.lock().unwrap().insert(2);
        let patient = Settings {
            lease_seconds: 30,
            ..settings()
        };
        for size in 1..=3 {
            things.make("thing/1", size).await;
        }
        let index = Index::open_with(&own, &feed.url, &mood, patient).await;
        eventually("a try", async || mood.attempts.lock().unwrap().contains(&2)).await;
        // Everything is dropped at once, as with SIGKILL: the lease is not released.
        drop(index);
        let index = Index::open(&own, &feed.url, &mood).await;
        if let Db::Postgres(_) = index.db {
            let mut tx = index.db.begin().await.unwrap();
            storage::execute!(&mut tx, "update cursors set leased_until = $1", clock::now()).unwrap();
            tx.commit().await.unwrap();
        }
        index.has(3).await;
        assert_eq!(index.sizes().await, [1, 2, 3]);
        assert_eq!(index.total().await, 6);
    }
}

#[tokio::test]
async fn another_replica_takes_over_when_the_lease_expires() {
    for (things, feed, _database, own) in pairs().await {
        let mood = Mood::default();
        things.make("thing/1", 1).await;
        let first = Index::open(&own, &feed.url, &mood).await;
        first.has(1).await;
        let second = Index::open(&own, &feed.url, &mood).await;
        drop(first);
        things.make("thing/1", 2).await;
        second.has(2).await;
        assert_eq!(second.sizes().await, [1, 2]);
    }
}

#[tokio::test]
async fn concurrent_replicas_handle_each_event_once() {
    for (things, feed, _database, own) in pairs().await {
        // SQLite has one process.
        if let Db::Sqlite { .. } = things.db {
            continue;
        }
        let mood = Mood::default();
        let mut replicas = Vec::new();
        for _ in 0..3 {
            replicas.push(Index::open(&own, &feed.url, &mood).await);
        }
        for size in 1..=100 {
            things.make("thing/1", size).await;
        }
        replicas[0].has(100).await;
        assert_eq!(replicas[0].sizes().await, (1..=100).collect::<Vec<_>>());
        assert_eq!(replicas[0].total().await, 5050);
    }
}

#[tokio::test]
async fn failed_event_is_retried_until_the_handler_recovers() {
    for (things, feed, _database, own) in pairs().await {
        let mood = Mood::default();
        mood.fails.lock().unwrap().insert(2);
        let patient = Settings {
            attempts: 1000,
            ..settings()
        };
        let index = Index::open_with(&own, &feed.url, &mood, patient).await;
        for size in 1..=3 {
            things.make("thing/1", size).await;
        }
        let tried = || mood.attempts.lock().unwrap().iter().filter(|size| **size == 2).count();
        eventually("two attempts", async || tried() >= 2).await;
        // Earlier events are not delayed, and later ones wait.
        index.has(1).await;
        mood.fails.lock().unwrap().clear();
        index.has(3).await;
        assert_eq!(index.sizes().await, [1, 2, 3]);
        assert_eq!(index.parked().await, 0);
    }
}

#[tokio::test]
async fn restarted_source_is_read_again() {
    for (things, feed, database, own) in pairs().await {
        let mood = Mood::default();
        let index = Index::open(&own, &feed.url, &mood).await;
        things.make("thing/1", 1).await;
        index.has(1).await;
        let port = feed.url.rsplit(':').next().unwrap().to_owned();
        drop((feed, things));
        let things = Things::open(&database).await;
        things.make("thing/1", 2).await;
        let address = format!("127.0.0.1:{port}");
        let mut listener = None;
        eventually("the port is free", async || {
            listener = tokio::net::TcpListener::bind(&address).await.ok();
            listener.is_some()
        })
        .await;
        let _server = service::serve(things.clone(), listener.unwrap()).unwrap();
        index.has(2).await;
        assert_eq!(index.sizes().await, [1, 2]);
    }
}

#[tokio::test]
async fn feed_is_read_from_its_beginning_when_the_cursors_event_is_gone() {
    for (things, feed, _database, own) in pairs().await {
        let mood = Mood::default();
        for size in 1..=2 {
            things.make("thing/1", size).await;
        }
        let index = Index::open(&own, &feed.url, &mood).await;
        index.has(2).await;
        drop(index);
        // It was down for longer than events are kept.
        for size in 3..=5 {
            things.make("thing/1", size).await;
        }
        eventually("all have their numbers", async || {
            let sql = "select count(*) from outbox where position is null";
            let (count,): (i64,) = storage::fetch_one!(&things.db, sql).unwrap();
            count == 0
        })
        .await;
        let mut tx = things.db.begin().await.unwrap();
        storage::execute!(&mut tx, "delete from outbox where position < 4").unwrap();
        tx.commit().await.unwrap();
        let index = Index::open(&own, &feed.url, &mood).await;
        index.has(4).await;
        assert_eq!(index.sizes().await, [1, 2, 4, 5]);
    }
}

#[tokio::test]
async fn events_of_other_types_move_the_cursor() {
    for (things, feed, _database, own) in pairs().await {
        let index = Index::open(&own, &feed.url, &Mood::default()).await;
        let mut event = things::made("thing/1", 1);
        event.kind = "things.thing-lost.v1".to_owned();
        let mut tx = things.db.begin().await.unwrap();
        events::outbox::insert(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
        let sql = "select last_event from cursors where last_event = $1";
        eventually("the cursor has moved", async || {
            let row: Option<(uuid::Uuid,)> = storage::fetch_optional!(&index.db, sql, event.id).unwrap();
            row.is_some()
        })
        .await;
        assert!(index.sizes().await.is_empty());
    }
}

#[tokio::test]
async fn replica_that_has_lost_its_cursor_writes_nothing() {
    use events::inbox::{Cursor, Inbox};
    for (_things, feed, _database, own) in pairs().await {
        let db = Index::open(&own, &feed.url, &Mood::default()).await.db;
        let cursor = Cursor {
            consumer: "index",
            source: "elsewhere",
        };
        let (now, lease) = (clock::now(), Duration::from_secs(10));
        let first = db.claim(cursor, None, now, now + lease).await.unwrap().unwrap();
        let taken = db.claim(cursor, None, now, now + lease / 2).await.unwrap();
        // SQLite has one process: a claim without a fence is that of its successor, which need not wait.
        assert_eq!(taken.is_some(), matches!(db, Db::Sqlite { .. }));
        let first = taken.unwrap_or(first);
        let kept = db.claim(cursor, Some(first.fence), now, now + lease).await.unwrap();
        assert_eq!(kept, Some(first));
        let later = now + lease;
        let second = db.claim(cursor, None, later, later + lease).await.unwrap().unwrap();
        assert!(second.fence > first.fence);

        let event = Some(uuid::Uuid::now_v7());
        let mut tx = Inbox::begin(&db).await.unwrap();
        assert!(!db.extend(&mut tx, cursor, first.fence, later).await.unwrap());
        assert!(db.extend(&mut tx, cursor, second.fence, later + lease).await.unwrap());
        db.advance(&mut tx, cursor, event).await.unwrap();
        Inbox::commit(&db, tx).await.unwrap();
        // Nor does it release the lease of another replica.
        db.release(cursor, first.fence).await.unwrap();
        let held = db
            .claim(cursor, Some(second.fence), later, later + lease)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(held.fence, second.fence);
        db.release(cursor, second.fence).await.unwrap();
        let third = db.claim(cursor, None, later, later + lease).await.unwrap().unwrap();
        assert_eq!(third.last_event, event);
    }
}

#[tokio::test]
async fn thousand_events_are_handled_within_twenty_seconds() {
    for (things, feed, _database, own) in pairs().await {
        let events: Vec<_> = (0..1000).map(|size| things::made("thing/1", size)).collect();
        let mut tx = things.db.begin().await.unwrap();
        events::outbox::insert_all(&mut tx, &events).await.unwrap();
        tx.commit().await.unwrap();
        let begun = std::time::Instant::now();
        let index = Arc::new(Index::open(&own, &feed.url, &Mood::default()).await);
        index.has(1000).await;
        eprintln!("1000 events in {:?} on {:?}", begun.elapsed(), own.url);
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

#[tokio::test]
async fn old_records_are_deleted_at_start() {
    for (_things, feed, _database, own) in pairs().await {
        let index = Index::open(&own, &feed.url, &Mood::default()).await;
        let months = clock::now() - Duration::from_hours(2 * 30 * 24);
        let mut tx = index.db.begin().await.unwrap();
        for at in [months - Duration::from_hours(1), months + Duration::from_hours(1)] {
            let sql = "insert into inbox (consumer, event, taken_at) values ('index', $1, $2)";
            storage::execute!(&mut tx, sql, uuid::Uuid::now_v7(), at).unwrap();
        }
        tx.commit().await.unwrap();
        let index = Index::open(&own, &feed.url, &Mood::default()).await;
        eventually("the old one is swept", async || {
            let kept: Vec<(chrono::DateTime<chrono::Utc>,)> =
                storage::fetch_all!(&index.db, "select taken_at from inbox").unwrap();
            kept.len() == 1 && kept[0].0 > months
        })
        .await;
    }
}
