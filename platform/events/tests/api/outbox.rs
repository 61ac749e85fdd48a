//! Inserting and numbering events.

use std::time::Duration;

use events::Event;
use serde_json::Value;
use storage::{Db, clock};
use testkit::Running;
use uuid::Uuid;

use crate::index::eventually;
use crate::things::{Things, all, made};

/// The ids of the events after one; waits until there are `count`.
async fn read(feed: &Running, mut after: Option<Uuid>, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let last = after.map(|id| format!("&lastEventId={id}")).unwrap_or_default();
        let (status, events) = feed.get(&format!("/events?timeout=5000{last}")).await;
        assert_eq!(status, 200, "{events}");
        let events: Vec<Event> = serde_json::from_value(events).expect("events");
        assert!(!events.is_empty(), "{} of {count} events came", ids.len());
        ids.extend(events.iter().map(|event| event.id));
        after = ids.last().copied();
    }
    ids
}

#[tokio::test]
async fn event_exists_if_and_only_if_its_cause_is_committed() {
    for (things, _database) in all().await {
        let mut tx = things.db.begin().await.unwrap();
        events::outbox::insert(&mut tx, &made("thing/1", 1)).await.unwrap();
        drop(tx);
        let made = things.make("thing/2", 2).await;
        let feed = things.serve().await;
        assert_eq!(read(&feed, None, 1).await, [made.id]);
    }
}

#[tokio::test]
async fn event_that_is_inserted_first_and_committed_last_is_read() {
    for (things, _database) in all().await {
        // On SQLite, a transaction that writes waits for the one before it.
        if let Db::Sqlite { .. } = things.db {
            continue;
        }
        let feed = things.serve().await;
        let slow = made("thing/1", 1);
        let mut tx = things.db.begin().await.unwrap();
        events::outbox::insert(&mut tx, &slow).await.unwrap();

        let quick = things.make("thing/2", 2).await;
        assert_eq!(read(&feed, None, 1).await, [quick.id]);
        tx.commit().await.unwrap();
        assert_eq!(read(&feed, Some(quick.id), 1).await, [slow.id]);
    }
}

#[tokio::test]
async fn numbers_have_no_gaps_with_concurrent_replicas() {
    const WRITERS: usize = 8;
    const EACH: usize = 25;
    for (things, database) in all().await {
        let feed = things.serve().await;
        let replica = Things::open(&database).await;
        let writers = (0..WRITERS).map(|writer| {
            let things = if writer % 2 == 0 {
                things.clone()
            } else {
                replica.clone()
            };
            tokio::spawn(async move {
                let mut ids = Vec::new();
                for size in 0..EACH {
                    let size = u32::try_from(size).unwrap();
                    // Some transactions are rolled back, which must leave no gap.
                    if size % 5 == 4 {
                        let mut tx = things.db.begin().await.unwrap();
                        events::outbox::insert(&mut tx, &made("thing/none", 0)).await.unwrap();
                    }
                    ids.push(things.make(&format!("thing/{writer}"), size).await.id);
                }
                ids
            })
        });
        let writers: Vec<_> = writers.collect();
        let read = read(&feed, None, WRITERS * EACH).await;
        for writer in writers {
            let written = writer.await.unwrap();
            let read: Vec<Uuid> = read.iter().copied().filter(|id| written.contains(id)).collect();
            assert_eq!(read, written, "each once, in the writer's order");
        }
        let sql = "select count(*), max(position) from outbox";
        let (count, last): (i64, i64) = storage::fetch_one!(&things.db, sql).unwrap();
        assert_eq!((count, last), (200, 200));
    }
}

#[tokio::test]
async fn order_of_events_does_not_depend_on_clocks() {
    for (things, _database) in all().await {
        let feed = things.serve().await;
        let mut ids = Vec::new();
        for size in 0..5 {
            // The clock of the replica that writes goes backwards, and so do the ids that it makes.
            let mut event = made("thing/1", size);
            event.id = Uuid::from_u128(u128::MAX - u128::from(size));
            event.time = clock::now() - Duration::from_secs(u64::from(size));
            let mut tx = things.db.begin().await.unwrap();
            events::outbox::insert(&mut tx, &event).await.unwrap();
            tx.commit().await.unwrap();
            ids.push(event.id);
        }
        assert_eq!(read(&feed, None, 5).await, ids);
    }
}

#[tokio::test]
async fn events_of_one_transaction_keep_their_order() {
    for (things, _database) in all().await {
        let feed = things.serve().await;
        let events: Vec<Event> = (0..250).map(|size| made("thing/1", size)).collect();
        let mut tx = things.db.begin().await.unwrap();
        events::outbox::insert_all(&mut tx, &[]).await.unwrap();
        events::outbox::insert_all(&mut tx, &events).await.unwrap();
        tx.commit().await.unwrap();
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        assert_eq!(read(&feed, None, 250).await, ids);
    }
}

#[tokio::test]
async fn old_events_are_deleted_except_the_last_one() {
    for (things, _database) in all().await {
        let feed = things.serve().await;
        let first = things.make("thing/1", 1).await;
        let second = things.make("thing/2", 2).await;
        read(&feed, None, 2).await;
        assert_eq!(things.outbox.sweep(clock::now()).await.unwrap(), 1);
        let gone = feed.get(&format!("/events?lastEventId={}", first.id)).await;
        assert_eq!(
            (gone.0.as_u16(), gone.1["type"].as_str()),
            (410, Some("urn:problem:event-gone"))
        );
        // A consumer that has read all events can continue, however long ago that was.
        let (status, events) = feed.get(&format!("/events?lastEventId={}", second.id)).await;
        assert_eq!((status.as_u16(), events), (200, Value::Array(Vec::new())));
    }
}

#[tokio::test]
async fn old_events_are_deleted_at_start() {
    for (things, database) in all().await {
        for size in 1..=3 {
            things.make("thing/1", size).await;
        }
        assert_eq!(things.outbox.head().await.unwrap(), 3);
        let month = clock::now() - Duration::from_hours(30 * 24);
        let mut tx = things.db.begin().await.unwrap();
        let sql = "update outbox set created_at = $1 where position = 1";
        storage::execute!(&mut tx, sql, month - Duration::from_hours(1)).unwrap();
        let sql = "update outbox set created_at = $1 where position = 2";
        storage::execute!(&mut tx, sql, month + Duration::from_hours(1)).unwrap();
        tx.commit().await.unwrap();
        let things = Things::open(&database).await;
        eventually("the old one is swept", async || {
            let sql = "select position from outbox order by position";
            let kept: Vec<(i64,)> = storage::fetch_all!(&things.db, sql).unwrap();
            kept == [(2,), (3,)]
        })
        .await;
    }
}
