//! Log lines about errors: each says why, once.

use axum::Router;
use axum::routing::get;
use service::{BoxError, Client, Json, Part, Resilience, Settings};
use testkit::{FaultyServer, Log};

use crate::{Front, NoConfig, client, serve};

/// A part with a bug.
#[derive(Clone)]
struct Faulty;

impl Part for Faulty {
    const NAME: &'static str = "faulty";
    const ABOUT: &'static str = "has a bug";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> Router {
        let fail = async || -> Json<usize> {
            let things: Vec<usize> = Vec::new();
            tokio::task::yield_now().await;
            Json(things[things.len()])
        };
        Router::new().route("/fail", get(fail))
    }
}

#[tokio::test]
async fn failed_call_is_logged_once_with_its_cause() {
    for lost in FaultyServer::all().await {
        let log = Log::listen();
        let (_server, url) = serve(Front(client("back", &lost.url)), &Settings::default()).await;
        let answer = testkit::get(format!("{url}/pages/1")).await.unwrap();
        assert_eq!(answer.status(), 503, "{}", lost.cause);
        let line = log.error();
        let said = (&line["message"], &line["upstream"], &line["cause"]);
        assert_eq!(
            said,
            (&"call failed".into(), &"back".into(), &lost.cause.into()),
            "{line}"
        );
        assert!(line["trace"].is_string(), "{line}");
        let words = match lost.cause {
            "refused" => "Connection refused",
            "reset" => "Connection reset",
            "closed" => "connection closed before message completed",
            "dns" => "error resolving DNS: ",
            _ => "back did not answer in time",
        };
        assert!(line["error"].as_str().unwrap().contains(words), "{line}");
        if lost.cause != "timeout" {
            let metrics = testkit::get(format!("{url}/metrics")).await.unwrap().text().await;
            let labels = format!(r#"{{upstream="back",outcome="unreachable",cause="{}"}}"#, lost.cause);
            assert!(metrics.unwrap().contains(&labels), "{labels}");
        }
    }
}

#[tokio::test]
async fn open_circuit_is_a_cause() {
    let back = client("back", &FaultyServer::refused().url).resilience(Resilience {
        retries: 0,
        circuit_calls: 4,
        circuit_open_ms: 300_000,
        ..Resilience::default()
    });
    let (_server, url) = serve(Front(back), &Settings::default()).await;
    for _ in 0..4 {
        testkit::get(format!("{url}/pages/1")).await.unwrap();
    }
    let log = Log::listen();
    testkit::get(format!("{url}/pages/1")).await.unwrap();
    assert_eq!(log.error()["cause"], "circuit_open");
}

#[tokio::test]
async fn panic_is_logged_once_with_its_place_and_its_request() {
    let log = Log::listen();
    let (_server, url) = serve(Faulty, &Settings::default()).await;
    let http = testkit::client();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = http.get(format!("{url}/fail"));
    let request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 500);
    assert!(!answer.text().await.unwrap().contains("panicked"));
    let line = log.error();
    assert_eq!(
        (&line["level"], &line["trace"]),
        (&"ERROR".into(), &trace.into()),
        "{line}"
    );
    let error = line["error"].as_str().unwrap();
    assert!(
        error.starts_with("panicked at platform/service/tests/api/causes.rs:"),
        "{line}"
    );
    assert!(
        error.ends_with(": index out of bounds: the len is 0 but the index is 0"),
        "{line}"
    );
}

/// A failed attempt is not logged if a retry succeeds.
#[tokio::test]
async fn successful_retry_is_not_logged() {
    use wiremock::matchers::any;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    let upstream = MockServer::start().await;
    let away = Mock::given(any()).respond_with(ResponseTemplate::new(503));
    away.up_to_n_times(1).mount(&upstream).await;
    let there = Mock::given(any()).respond_with(ResponseTemplate::new(200));
    there.mount(&upstream).await;
    let log = Log::listen();
    let back: Client = client("back", &upstream.uri());
    back.get(&["thing"]).done().await.unwrap();
    assert!(log.errors().is_empty());
}
