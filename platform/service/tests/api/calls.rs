//! Calls: retries, deadlines, circuit breakers.

use std::time::{Duration, Instant};

use service::{CallError, Client, Context, Problem, Resilience};
use testkit::HangingServer;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::client;

/// An upstream that fails the first `times` requests.
async fn upstream(times: u64, failure: ResponseTemplate) -> (MockServer, Client) {
    let server = MockServer::start().await;
    let mount = async |template, times: Option<u64>| {
        let mock = Mock::given(any()).respond_with(template);
        match times {
            Some(times) => mock.up_to_n_times(times).mount(&server).await,
            None => mock.with_priority(9).mount(&server).await,
        }
    };
    if times > 0 {
        mount(failure, Some(times)).await;
    }
    mount(ResponseTemplate::new(200), None).await;
    let client = client("other", &server.uri());
    (server, client)
}

async fn sent(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

const ALWAYS: u64 = 1_000_000;

#[tokio::test]
async fn idempotent_calls_are_retried() {
    for status in [502, 503, 504] {
        let (server, other) = upstream(2, ResponseTemplate::new(status)).await;
        other.get(&["thing"]).done().await.unwrap();
        assert_eq!(sent(&server).await, 3, "{status}");
    }
    for request in [
        |other: &Client| other.put(&["thing"]),
        |other: &Client| other.delete(&["thing"]),
        |other: &Client| other.post(&["things"]).idempotency_key("key").json(&1),
    ] {
        let (server, other) = upstream(1, ResponseTemplate::new(503)).await;
        request(&other).done().await.unwrap();
        let requests = server.received_requests().await.unwrap();
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0].body, requests[1].body);
    }
}

#[tokio::test]
async fn query_parameters_are_appended() {
    let (server, other) = upstream(0, ResponseTemplate::new(500)).await;
    let nothing: [(&str, &str); 0] = [];
    let request = other.get(&["things"]).query(&[("a", "1")]).query(&nothing);
    request.query(&[("b", "2 3")]).done().await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].url.query(), Some("a=1&b=2+3"));
}

#[tokio::test]
async fn other_calls_are_not_retried() {
    let (server, other) = upstream(ALWAYS, ResponseTemplate::new(503)).await;
    assert!(other.post(&["things"]).done().await.is_err());
    assert_eq!(sent(&server).await, 1);
}

#[tokio::test]
async fn errors_other_than_outages_are_not_retried() {
    let problem = |status, kind| Problem::new(status, kind, "Title");
    let unavailable = problem(http::StatusCode::SERVICE_UNAVAILABLE, "unavailable");
    for template in [
        ResponseTemplate::new(404),
        ResponseTemplate::new(429),
        ResponseTemplate::new(500),
        ResponseTemplate::new(501),
        ResponseTemplate::new(503).set_body_json(unavailable),
    ] {
        let (server, other) = upstream(ALWAYS, template).await;
        assert!(other.get(&["thing"]).done().await.is_err());
        assert_eq!(sent(&server).await, 1);
    }
}

#[tokio::test]
async fn call_is_retried_twice() {
    let (server, other) = upstream(ALWAYS, ResponseTemplate::new(503)).await;
    let error = other.get(&["thing"]).done().await.unwrap_err();
    assert!(matches!(error, CallError::Refused("other", _)), "{error}");
    assert_eq!(sent(&server).await, 3);
}

#[tokio::test]
async fn refused_connection_fails_at_once() {
    let other = client("other", "http://127.0.0.1:1");
    let begun = Instant::now();
    let error = other.get(&["thing"]).done().await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable("other", _)), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn timeout_is_not_retried() {
    let hung = ResponseTemplate::new(200).set_delay(Duration::from_mins(1));
    let (server, other) = upstream(ALWAYS, hung).await;
    let begun = Instant::now();
    let error = other.get(&["thing"]).timeout(Duration::from_millis(100)).done().await;
    assert!(matches!(error, Err(CallError::Timeout("other"))), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(sent(&server).await, 1);
}

#[tokio::test]
async fn retry_after_is_respected_within_the_deadline() {
    let asked = |value: &str| ResponseTemplate::new(503).insert_header("retry-after", value);
    let fits = upstream(1, asked("1")).await;
    let begun = Instant::now();
    fits.1.get(&["thing"]).done().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));

    for value in ["1", "3600", "Fri, 31 Dec 2100 23:59:59 GMT"] {
        let (server, other) = upstream(1, asked(value)).await;
        let request = other.get(&["thing"]).timeout(Duration::from_millis(500));
        assert!(request.done().await.is_err());
        assert_eq!(sent(&server).await, 1, "{value}");
    }
}

#[tokio::test]
async fn retries_are_limited_by_the_budget() {
    let (server, other) = upstream(ALWAYS, ResponseTemplate::new(503)).await;
    let other = other.resilience(Resilience {
        circuit_calls: 0,
        ..Resilience::default()
    });
    for _ in 0..15 {
        assert!(other.get(&["thing"]).done().await.is_err());
    }
    // All first attempts, ten free retries, and one that the first ten calls have added.
    assert_eq!(sent(&server).await, 15 + 11);
}

#[tokio::test]
async fn open_circuit_fails_at_once_until_the_upstream_recovers() {
    let (server, other) = upstream(4, ResponseTemplate::new(503)).await;
    let other = other.resilience(Resilience {
        retries: 0,
        circuit_calls: 4,
        circuit_open_ms: 300_000,
        ..Resilience::default()
    });
    for _ in 0..4 {
        assert!(other.get(&["thing"]).done().await.is_err());
    }
    let error = other.get(&["thing"]).done().await.unwrap_err();
    assert!(matches!(error, CallError::CircuitOpen("other")), "{error}");
    assert_eq!(Problem::from(error).status, 503);
    assert_eq!(sent(&server).await, 4);

    // The same without a pause.
    let (_server, other) = upstream(4, ResponseTemplate::new(503)).await;
    let other = other.resilience(Resilience {
        retries: 0,
        circuit_calls: 4,
        circuit_open_ms: 0,
        ..Resilience::default()
    });
    for _ in 0..4 {
        assert!(other.get(&["thing"]).done().await.is_err());
    }
    other.get(&["thing"]).done().await.unwrap();
}

#[tokio::test]
async fn errors_of_a_working_upstream_do_not_open_the_circuit() {
    let overloaded = Problem::new(http::StatusCode::SERVICE_UNAVAILABLE, "overloaded", "Overloaded");
    for answer in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(503)
            .set_body_json(overloaded)
            .insert_header("retry-after", "60"),
        ResponseTemplate::new(200).set_body_string("no JSON"),
    ] {
        let (server, other) = upstream(ALWAYS, answer).await;
        for _ in 0..40 {
            assert!(other.get(&["thing"]).send::<u32>().await.is_err());
        }
        assert_eq!(sent(&server).await, 40);
    }
}

/// URLs that are too long, segments that would change the path, and invalid headers are not sent.
#[tokio::test]
async fn invalid_calls_are_the_callers_fault() {
    let (server, other) = upstream(0, ResponseTemplate::new(500)).await;
    let long = "~".repeat(9_000);
    let ask = [
        |other: &Client, long: &str| other.get(&["things", long]),
        |other: &Client, long: &str| other.get(&["things"]).query(&[("name", long)]),
        |other: &Client, long: &str| other.get(&["things"]).header("cookie", long.repeat(2)),
        |other: &Client, _: &str| other.get(&["things", ".."]),
        |other: &Client, _: &str| other.get(&["things", ".\t."]),
        |other: &Client, _: &str| other.post(&[""]).idempotency_key("key"),
        |other: &Client, _: &str| other.get(&["things"]).header("cookie", "a\nb: c"),
        |other: &Client, _: &str| other.get(&["things"]).header("a b", "c"),
    ];
    // Far more than would open a circuit.
    for ask in ask.iter().cycle().take(80) {
        let error = ask(&other, &long).done().await.unwrap_err();
        assert!(matches!(error, CallError::Invalid("other", _)), "{error}");
        assert_eq!(Problem::from(error).status, 400);
    }
    assert_eq!(sent(&server).await, 0);
    other.get(&["things"]).done().await.unwrap();
}

/// A timeout counts only if the call had all of its own time.
#[tokio::test]
async fn short_deadlines_of_callers_say_nothing_about_the_upstream() {
    let silent = HangingServer::start().await;
    let other = client("other", &silent.url);
    let hurried = || async { other.get(&["thing"]).done().await };
    for _ in 0..40 {
        let context = Context::current().within(Duration::from_millis(80));
        assert!(matches!(context.scope(hurried()).await, Err(CallError::Timeout(_))));
    }
    silent.wake();
    other.get(&["thing"]).done().await.unwrap();
}

#[tokio::test]
async fn unresponsive_upstream_costs_no_time_once_detected() {
    let silent = HangingServer::start().await;
    let other = client("other", &silent.url).resilience(Resilience {
        circuit_open_ms: 0,
        ..Resilience::default()
    });
    let call = |ms| other.get(&["thing"]).timeout(Duration::from_millis(ms)).done();
    for _ in 0..3 {
        assert!(matches!(call(100).await, Err(CallError::Timeout(_))));
    }
    // It is probed in the meantime, and no call waits for that.
    while silent.connections() < 6 {
        assert!(matches!(call(100).await, Err(CallError::CircuitOpen(_))));
        tokio::task::yield_now().await;
    }
    // Calls with a longer timeout are still sent.
    assert!(matches!(call(400).await, Err(CallError::Timeout(_))));
    silent.wake();
    while call(100).await.is_err() {
        tokio::task::yield_now().await;
    }
}

/// A call that changes something is not probed with, so one of the next calls tries the upstream.
#[tokio::test]
async fn unsafe_calls_are_not_probed_in_the_background() {
    let silent = HangingServer::start().await;
    let other = client("other", &silent.url);
    let call = || other.put(&["thing"]).timeout(Duration::from_millis(50)).done();
    for _ in 0..3 {
        assert!(matches!(call().await, Err(CallError::Timeout(_))));
    }
    assert!(matches!(call().await, Err(CallError::CircuitOpen(_))));
    while matches!(call().await, Err(CallError::CircuitOpen(_))) {
        assert_eq!(silent.connections(), 3);
        tokio::task::yield_now().await;
    }
    assert_eq!(silent.connections(), 4);
}

#[tokio::test]
async fn waiting_for_a_permit_ends_with_the_deadline() {
    let hung = ResponseTemplate::new(200).set_delay(Duration::from_mins(1));
    let (server, other) = upstream(1, hung).await;
    let other = other.resilience(Resilience {
        upstream_concurrency: 1,
        ..Resilience::default()
    });
    let call = |ms| other.get(&["thing"]).timeout(Duration::from_millis(ms)).done();
    let (first, second) = tokio::join!(call(600), call(100));
    assert!(matches!(first, Err(CallError::Timeout(_))) && matches!(second, Err(CallError::Timeout(_))));
    assert_eq!(sent(&server).await, 1);
    call(600).await.unwrap();
}

#[tokio::test]
async fn remaining_time_is_passed_on() {
    let (server, other) = upstream(1, ResponseTemplate::new(503)).await;
    let context = Context::current().within(Duration::from_millis(900));
    context
        .scope(async { other.get(&["thing"]).done().await })
        .await
        .unwrap();
    let requests = server.received_requests().await.unwrap();
    let left = |request: &wiremock::Request| -> u64 {
        let value = request.headers["x-deadline-ms"].to_str().unwrap();
        value.parse().unwrap()
    };
    assert!(left(&requests[0]) <= 880);
    assert!(left(&requests[1]) < left(&requests[0]));
}
