//! Several replicas of one upstream: calls are spread over them, and one that is down costs nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use service::{CallError, Client, Resilience};
use tokio::net::TcpListener;
use wiremock::matchers::{any, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::client;

async fn replica(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn well() -> MockServer {
    replica(ResponseTemplate::new(200)).await
}

async fn sent(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

fn of(urls: &[&str]) -> Client {
    client("other", &urls.join(","))
}

/// A URL where nothing listens.
fn nowhere() -> String {
    format!("http://127.0.0.1:{}", testkit::free_port())
}

/// Takes every connection and breaks it at once; counts them.
async fn broken() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            drop(stream);
        }
    });
    (url, count)
}

#[tokio::test]
async fn calls_are_spread_over_replicas() {
    let (one, two) = (well().await, well().await);
    let other = of(&[&one.uri(), &two.uri()]);
    for _ in 0..20 {
        other.get(&["thing"]).done().await.unwrap();
    }
    assert_eq!((sent(&one).await, sent(&two).await), (10, 10));
}

#[tokio::test]
async fn each_replica_gets_the_same_request() {
    let (one, two) = (MockServer::start().await, MockServer::start().await);
    for server in [&one, &two] {
        Mock::given(path("/things/a%20b"))
            .and(query_param("of", "x y"))
            .respond_with(ResponseTemplate::new(200))
            .expect(2)
            .mount(server)
            .await;
    }
    let other = of(&[&one.uri(), &two.uri()]);
    for _ in 0..4 {
        let request = other.get(&["things", "a b"]).query(&[("of", "x y")]);
        request.done().await.unwrap();
    }
}

#[tokio::test]
async fn no_call_fails_if_one_of_two_replicas_is_down() {
    let alive = well().await;
    let dead = nowhere();
    for urls in [[&dead, &alive.uri()], [&alive.uri(), &dead]] {
        let other = of(&urls.map(String::as_str)).resilience(Resilience {
            // Without circuit breakers and retries.
            circuit_calls: 0,
            retries: 0,
            retry_percent: 0,
            ..Resilience::default()
        });
        for _ in 0..30 {
            other.get(&["thing"]).done().await.unwrap();
            // Nothing was sent to the replica that is down, so even this is not done twice.
            other.post(&["things"]).json(&1).done().await.unwrap();
        }
    }
    assert_eq!(sent(&alive).await, 120);
}

#[tokio::test]
async fn broken_replica_is_not_called_after_a_few_failures() {
    let alive = well().await;
    let (url, connections) = broken().await;
    let other = of(&[&url, &alive.uri()]).resilience(Resilience {
        circuit_open_ms: 300_000,
        ..Resilience::default()
    });
    for _ in 0..100 {
        other.get(&["thing"]).done().await.unwrap();
    }
    // A quarter of the twenty that are necessary without another replica.
    assert_eq!(connections.load(Ordering::Relaxed), 5);
    assert_eq!(sent(&alive).await, 100);
}

#[tokio::test]
async fn unsafe_call_is_not_repeated_at_another_replica() {
    let alive = well().await;
    let (url, _) = broken().await;
    let other = of(&[&url, &alive.uri()]);
    let error = other.post(&["things"]).json(&1).done().await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable("other", _)), "{error}");
    assert_eq!(sent(&alive).await, 0);
}

#[tokio::test]
async fn overloaded_replicas_calls_go_to_another() {
    let (alive, overloaded) = (
        well().await,
        replica(ResponseTemplate::new(503).insert_header("retry-after", "3600")).await,
    );
    let other = of(&[&overloaded.uri(), &alive.uri()]);
    let begun = Instant::now();
    for _ in 0..8 {
        other.get(&["thing"]).done().await.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(sent(&alive).await, 8);
}

#[tokio::test]
async fn replica_with_a_call_in_flight_is_avoided() {
    let alive = well().await;
    let hung = replica(ResponseTemplate::new(200).set_delay(Duration::from_mins(1))).await;
    let other = of(&[&hung.uri(), &alive.uri()]);
    let waiting = tokio::spawn(other.get(&["thing"]).timeout(Duration::from_secs(10)).done());
    while sent(&hung).await == 0 {
        tokio::task::yield_now().await;
    }
    for _ in 0..10 {
        other.get(&["thing"]).done().await.unwrap();
    }
    assert_eq!((sent(&hung).await, sent(&alive).await), (1, 10));
    waiting.abort();
}

/// A replica that never answers is detected after a few calls, and costs no time from then on.
#[tokio::test]
async fn unresponsive_replica_costs_no_call() {
    let alive = well().await;
    let hung = replica(ResponseTemplate::new(200).set_delay(Duration::from_mins(1))).await;
    let other = of(&[&hung.uri(), &alive.uri()]).resilience(Resilience {
        circuit_open_ms: 0,
        ..Resilience::default()
    });
    let call = || other.get(&["thing"]).timeout(Duration::from_millis(120)).done();
    let mut failed = 0;
    for _ in 0..6 {
        failed += u32::from(call().await.is_err());
    }
    assert_eq!(failed, 3);
    let asked = sent(&hung).await;
    // It is probed in the meantime, by no call.
    while sent(&hung).await < asked + 3 {
        call().await.unwrap();
    }
}

#[tokio::test]
async fn recovered_replica_is_called_again() {
    let (one, two) = (MockServer::start().await, well().await);
    let fails = Mock::given(any()).respond_with(ResponseTemplate::new(503));
    fails.up_to_n_times(4).mount(&one).await;
    let works = Mock::given(any()).respond_with(ResponseTemplate::new(200));
    works.with_priority(9).mount(&one).await;
    let other = of(&[&one.uri(), &two.uri()]).resilience(Resilience {
        circuit_calls: 4,
        circuit_open_ms: 0,
        ..Resilience::default()
    });
    for _ in 0..20 {
        other.get(&["thing"]).done().await.unwrap();
    }
    assert!(sent(&one).await > 8, "{}", sent(&one).await);
}

#[tokio::test]
async fn refused_connections_of_all_replicas_fail_at_once() {
    let (one, two) = (nowhere(), nowhere());
    let other = of(&[&one, &two]);
    let begun = Instant::now();
    let error = other.get(&["thing"]).done().await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable("other", _)), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(1));
}
