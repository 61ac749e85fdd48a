//! Consumers with a broker that crashes, and connections that break.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use events::Settings;
use lapin::options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use testkit::{Broker, Database, Feed};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::index::{Index, Mood, eventually, settings};
use crate::things::Things;

fn over(url: &str) -> Settings {
    Settings {
        transport: url.parse().expect("an address"),
        ..settings()
    }
}

/// A publisher and a consumer on the last engine there is, joined by a broker and by nothing else: what the broker
/// lost could not come by a feed.
struct Setup {
    things: Things,
    index: Index,
    mood: Mood,
    feed: Feed,
    own: Database,
    _database: Database,
}

impl Setup {
    async fn new(url: &str) -> Self {
        // The log is shown if the test fails.
        let log = tracing_subscriber::fmt().with_env_filter("info,lapin=warn");
        log.with_test_writer().try_init().ok();
        let database = testkit::databases().await.pop().expect("a database");
        let own = testkit::databases().await.pop().expect("a database");
        let things = Things::open_with(&database, over(url)).await;
        let feed = Feed::start().await;
        let mood = Mood::default();
        let index = Index::open_with(&own, &feed.url(), &mood, over(url)).await;
        queue_of_index(url).await;
        Self {
            things,
            index,
            mood,
            feed,
            own,
            _database: database,
        }
    }

    /// Makes things of these sizes, and waits until the index has them and all before.
    async fn make(&self, sizes: std::ops::RangeInclusive<u32>) {
        let count = *sizes.end() as usize;
        for size in sizes {
            self.things.make("thing/1", size).await;
        }
        self.index.has(count).await;
    }

    /// Checks that each event took effect once and in order.
    async fn has_all(&self, count: u32) {
        assert_eq!(self.index.sizes().await, (1..=count).collect::<Vec<_>>());
        assert_eq!(self.index.total().await, i64::from(count * (count + 1) / 2));
        assert_eq!(self.index.parked().await, 0);
    }
}

/// Waits until the consumer has its queue.
pub async fn queue_of_index(url: &str) {
    eventually("the consumer's queue", async || {
        // Asking for a queue that does not exist closes the channel.
        let channel = channel(url).await;
        let passive = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let queue = channel.queue_declare("stoa.index".into(), passive, FieldTable::default());
        queue.await.is_ok_and(|queue| queue.consumer_count() > 0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_lost_or_repeated_when_the_broker_crashes() {
    let Some(mut broker) = Broker::start().await else {
        return;
    };
    let mut setup = Setup::new(&broker.url()).await;
    // A broker that is up before it has found its queues again takes what is published, confirms it, and has nowhere
    // to put it: that comes by the feed.
    let feed = setup.things.serve().await;
    setup.index = Index::open_with(&setup.own, &feed.url, &setup.mood, over(&broker.url())).await;
    setup.make(1..=50).await;

    // Some events are published and not confirmed, some delivered and not acknowledged.
    let things = setup.things.clone();
    let maker = tokio::spawn(async move {
        for size in 51..=450 {
            things.make("thing/1", size).await;
        }
    });
    setup.index.has(60).await;
    broker.crash();
    maker.await.unwrap();
    broker.restart().await;
    eprintln!(
        "{} of 450 effects when the broker is back",
        setup.index.sizes().await.len()
    );
    // A queue that has lost its leader loses it again where it is asked for too soon.
    let elections = async {
        loop {
            broker.elect().await;
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    tokio::select! {
        () = setup.index.has(450) => {}
        () = elections => {}
    }
    setup.has_all(450).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_lost_or_repeated_when_connections_break() {
    let Some(broker) = Broker::start().await else { return };
    let wire = Wire::to(&broker.url()).await;
    let mut setup = Setup::new(&wire.url).await;
    setup.make(1..=10).await;
    let things = setup.things.clone();
    let is_done = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&is_done);
    let maker = tokio::spawn(async move {
        for size in 11..=400 {
            things.make("thing/1", size).await;
        }
        done.store(true, Ordering::Relaxed);
    });
    let mut count = 10;
    while !is_done.load(Ordering::Relaxed) {
        wire.cut();
        count += 20;
        setup.index.has(count.min(400)).await;
    }
    maker.await.unwrap();
    setup.index.has(400).await;
    setup.has_all(400).await;

    // A consumer that dies with effects that are not committed, and messages that are not acknowledged.
    setup.mood.hangs.lock().unwrap().insert(402);
    for size in 401..=403 {
        setup.things.make("thing/1", size).await;
    }
    eventually("a try", async || setup.mood.attempts.lock().unwrap().contains(&402)).await;
    drop(setup.index);
    setup.index = Index::open_with(&setup.own, &setup.feed.url(), &setup.mood, over(&wire.url)).await;
    setup.index.has(403).await;
    setup.has_all(403).await;

    // And one whose messages come again although their effect is committed.
    let channel = channel(&broker.url()).await;
    let event = setup.things.make("thing/1", 404).await;
    setup.index.has(404).await;
    publish(&channel, &serde_json::to_vec(&event).unwrap()).await;
    setup.make(405..=405).await;
    setup.has_all(405).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_the_broker_missed_are_read_from_the_feed() {
    let Some(mut broker) = Broker::start().await else {
        return;
    };
    // Events that are published before there is a consumer are in no queue.
    let database = testkit::databases().await.pop().expect("a database");
    let own = testkit::databases().await.pop().expect("a database");
    let things = Things::open_with(&database, over(&broker.url())).await;
    let feed = things.serve().await;
    for size in 1..=30 {
        things.make("thing/1", size).await;
    }
    eventually("relayed", async || {
        let sql = "select position from outbox_relay";
        let (position,): (i64,) = storage::fetch_one!(&things.db, sql).unwrap();
        position == 30
    })
    .await;
    // Not by waiting until the queue has been quiet for long: a consumer reads the feeds when it has reached the broker.
    let patient = Settings {
        lease_seconds: 60,
        ..over(&broker.url())
    };
    let mood = Mood::default();
    let index = Index::open_with(&own, &feed.url, &mood, patient).await;
    for size in 31..=40 {
        things.make("thing/1", size).await;
    }
    index.has(40).await;
    assert_eq!(index.sizes().await, (1..=40).collect::<Vec<_>>());

    // A message that is not an event becomes a dead letter, and blocks nothing.
    let channel = channel(&broker.url()).await;
    publish(&channel, b"no event").await;
    things.make("thing/1", 41).await;
    index.has(41).await;
    let mut dead = None;
    eventually("a dead letter", async || {
        let message = channel.basic_get("stoa.index.dead".into(), BasicGetOptions::default());
        dead = message.await.unwrap();
        dead.is_some()
    })
    .await;
    assert_eq!(dead.unwrap().delivery.data, b"no event");

    // An event that cannot be handled is parked, and the queue continues.
    mood.fails.lock().unwrap().insert(42);
    things.make("thing/bad", 42).await;
    things.make("thing/1", 43).await;
    index.has(42).await;
    assert_eq!(index.parked().await, 1);

    // While the broker is down, the feeds are read.
    broker.crash();
    things.make("thing/1", 44).await;
    index.has(43).await;
}

/// The broker has confirmed the events and lost them, as if a queue had lost its leader; such a queue looks empty.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_queue_is_checked_against_the_feed() {
    let Some(broker) = Broker::start().await else { return };
    let mut setup = Setup::new(&broker.url()).await;
    let feed = setup.things.serve().await;
    setup.index = Index::open_with(&setup.own, &feed.url, &setup.mood, over(&broker.url())).await;
    setup.make(1..=3).await;
    let (exchange, key) = ("stoa.events".into(), "things.thing-made.v1".into());
    let channel = channel(&broker.url()).await;
    let unbound = channel.queue_unbind("stoa.index".into(), exchange, key, FieldTable::default());
    unbound.await.unwrap();
    setup.make(4..=5).await;
    setup.has_all(5).await;
}

/// A proxy to the broker whose connections can be cut.
struct Wire {
    url: String,
    cuts: watch::Sender<u32>,
}

impl Wire {
    async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (before, after) = url.rsplit_once(':').expect("a port");
        let (target, path) = after.split_once('/').expect("a path");
        let target: u16 = target.parse().expect("a port");
        let cuts = watch::Sender::new(0);
        let all = cuts.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut cut = all.subscribe();
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(("127.0.0.1", target)).await?;
                    tokio::select! {
                        done = tokio::io::copy_bidirectional(&mut near, &mut far) => done.map(drop),
                        _ = cut.changed() => Ok(()),
                    }
                });
            }
        });
        Self {
            url: format!("{before}:{port}/{path}"),
            cuts,
        }
    }

    fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn channel(url: &str) -> Channel {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    // The connection stays open as long as the test runs.
    std::mem::forget(connection);
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    channel
}

async fn publish(channel: &Channel, body: &[u8]) {
    let (exchange, key) = ("stoa.events".into(), "things.thing-made.v1".into());
    let properties = BasicProperties::default();
    let published = channel.basic_publish(exchange, key, BasicPublishOptions::default(), body, properties);
    published.await.unwrap().await.unwrap();
}
