//! A consumer handles an event in the trace of its cause, whatever the transport.

use events::Settings;
use service::Context;
use testkit::Broker;

use crate::index::{Index, Mood, settings};
use crate::things::{Things, all};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Makes a thing in that trace, and another one without a trace.
async fn make(things: &Things) {
    let caller = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let made = Context::caused_by(Some(&caller)).scope(things.make("thing/1", 1)).await;
    assert_eq!(made.traceparent.as_ref(), Some(&caller));
    assert_eq!(things.make("thing/1", 2).await.traceparent, None);
}

fn is_followed(mood: &Mood) {
    let traces = mood.traces.lock().unwrap();
    assert_eq!(traces[0], TRACE);
    assert_ne!(traces[1], TRACE);
}

#[tokio::test]
async fn event_from_a_feed_is_handled_in_its_trace() {
    for ((things, _database), own) in all().await.into_iter().zip(testkit::databases().await) {
        let (feed, mood) = (things.serve().await, Mood::default());
        make(&things).await;
        let index = Index::open(&own, &feed.url, &mood).await;
        index.has(2).await;
        is_followed(&mood);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_from_a_broker_is_handled_in_its_trace() {
    let Some(broker) = Broker::start().await else { return };
    let over = Settings {
        transport: broker.url().parse().expect("an address"),
        ..settings()
    };
    let (database, own) = (
        testkit::databases().await.remove(0),
        testkit::databases().await.remove(0),
    );
    let things = Things::open_with(&database, over.clone()).await;
    // The feed is empty, so the events come from the broker.
    let (feed, mood) = (testkit::Feed::start().await, Mood::default());
    let index = Index::open_with(&own, &feed.url(), &mood, over).await;
    crate::broker::queue_of_index(&broker.url()).await;
    make(&things).await;
    index.has(2).await;
    is_followed(&mood);
}
