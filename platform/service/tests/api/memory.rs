//! Cached responses.

use http::StatusCode;
use service::{Client, Problem, Resilience};
use wiremock::matchers::{any, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::client;

const FOR_LONG: &str = "public, max-age=60";
const OLD_AT_ONCE: &str = "public, max-age=1, stale-if-error=60";

/// An upstream whose responses have this `Cache-Control`.
async fn upstream(control: &str) -> (MockServer, Client) {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200)
        .set_body_json(1)
        .insert_header("cache-control", control);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let client = client("other", &server.uri());
    (server, client)
}

async fn sent(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

async fn ask(client: &Client, path: &str) -> Result<u32, service::CallError> {
    client.get(&[path]).send().await
}

#[tokio::test]
async fn cacheable_response_is_requested_once() {
    let (server, other) = upstream(FOR_LONG).await;
    for _ in 0..3 {
        assert_eq!(ask(&other, "thing").await.unwrap(), 1);
    }
    assert_eq!(sent(&server).await, 1);
    ask(&other.clone(), "thing").await.unwrap();
    assert_eq!(sent(&server).await, 1, "clones share it");
    other.get(&["thing"]).query(&[("a", "b")]).done().await.unwrap();
    assert_eq!(sent(&server).await, 2, "another address is another thing");
}

#[tokio::test]
async fn personal_responses_are_not_cached() {
    let (server, other) = upstream(FOR_LONG).await;
    for _ in 0..2 {
        other.get(&["thing"]).header("cookie", "who=1").done().await.unwrap();
        other.post(&["things"]).json(&1).done().await.unwrap();
    }
    assert_eq!(sent(&server).await, 4);
    let (server, other) = upstream("private, max-age=60").await;
    for _ in 0..2 {
        ask(&other, "thing").await.unwrap();
    }
    assert_eq!(sent(&server).await, 2);
}

#[tokio::test]
async fn change_invalidates_the_cached_response() {
    let (server, other) = upstream(FOR_LONG).await;
    ask(&other, "thing").await.unwrap();
    other.put(&["thing"]).json(&2).done().await.unwrap();
    ask(&other, "thing").await.unwrap();
    assert_eq!(sent(&server).await, 3);
}

#[tokio::test]
async fn stale_response_is_used_if_the_upstream_fails() {
    let (server, other) = upstream(OLD_AT_ONCE).await;
    ask(&other, "thing").await.unwrap();
    fail(&server, ResponseTemplate::new(500)).await;
    // While the response is fresh, no request is sent.
    while sent(&server).await < 2 {
        assert_eq!(ask(&other, "thing").await.unwrap(), 1);
        tokio::task::yield_now().await;
    }
    assert!(ask(&other, "unknown").await.is_err());
    drop(server);
    assert_eq!(ask(&other, "thing").await.unwrap(), 1);
}

#[tokio::test]
async fn refusal_is_not_replaced_by_a_stale_response() {
    let (server, other) = upstream(OLD_AT_ONCE).await;
    ask(&other, "thing").await.unwrap();
    let gone = Problem::new(StatusCode::GONE, "gone", "Gone");
    fail(&server, ResponseTemplate::new(410).set_body_json(gone)).await;
    let error = loop {
        if let Err(error) = ask(&other, "thing").await {
            break error;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(error.refusal().map(Problem::status), Some(StatusCode::GONE));
}

#[tokio::test]
async fn cache_can_be_switched_off() {
    let (server, other) = upstream(FOR_LONG).await;
    let other = other.resilience(Resilience {
        client_cache_bytes: 0,
        ..Resilience::default()
    });
    for _ in 0..2 {
        ask(&other, "thing").await.unwrap();
    }
    assert_eq!(sent(&server).await, 2);
}

async fn fail(server: &MockServer, failure: ResponseTemplate) {
    let mock = Mock::given(method("GET")).respond_with(failure);
    mock.with_priority(1).mount(server).await;
}
