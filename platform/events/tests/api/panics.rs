//! Panics outside of handlers: background work continues.

use std::sync::atomic::{AtomicU32, Ordering};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use crate::index::{Index, Mood};
use crate::things::{self, Things};

/// A recorder that panics the first three times that a gauge is registered.
struct Bomb {
    gauge: &'static str,
    left: AtomicU32,
}

impl Bomb {
    fn new(gauge: &'static str) -> Self {
        let left = AtomicU32::new(3);
        Self { gauge, left }
    }

    fn has_gone_off(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }
}

impl Recorder for Bomb {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let less = |left: u32| left.checked_sub(1);
        let is_lit = key.name() == self.gauge;
        let goes_off = is_lit
            && self
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
                .is_ok();
        assert!(!goes_off, "as told");
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn outbox_wakes_its_readers_after_a_panic() {
    for database in testkit::databases().await {
        let bomb = Bomb::new("events_outbox_lag");
        // For this thread, which runs all tasks of the test.
        let _recording = metrics::set_default_local_recorder(&bomb);
        let things = Things::open(&database).await;
        let feed = things.serve().await;
        let waiting = feed.get("/events?timeout=20000");
        let making = async {
            while !bomb.has_gone_off() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            things.make("thing/1", 1).await
        };
        let ((status, events), made) = tokio::join!(waiting, making);
        assert_eq!(status, 200);
        assert_eq!(events[0]["id"], made.id.to_string(), "{events}");
    }
}

#[tokio::test]
async fn consumer_handles_every_event_once_after_a_panic() {
    for ((things, _database), own) in things::all().await.into_iter().zip(testkit::databases().await) {
        let bomb = Bomb::new("events_consumer_lag");
        let _recording = metrics::set_default_local_recorder(&bomb);
        let feed = things.serve().await;
        things.make("thing/1", 1).await;
        let index = Index::open(&own, &feed.url, &Mood::default()).await;
        things.make("thing/1", 2).await;
        index.has(2).await;
        assert!(bomb.has_gone_off());
        things.make("thing/1", 3).await;
        index.has(3).await;
        assert_eq!(index.sizes().await, [1, 2, 3]);
    }
}
