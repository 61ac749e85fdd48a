//! Traces: two hops, one collector.

use serde_json::Value;
use service::{BoxError, Context, Part, Settings, consume};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{Front, back, client, serve};

/// OTLP's numbers.
const SERVER: u64 = 2;
const CLIENT: u64 = 3;
const CONSUMER: u64 = 5;

/// The front part, the back part behind it, and the collector that both send to. One call, then both are stopped, by
/// which the last spans are sent.
async fn spans_of(headers: &[(&str, &str)], trace_ratio: f64) -> Vec<(String, Value)> {
    let collector = collector().await;
    let settings = settings(&collector, trace_ratio);
    let (back, back_url) = serve(back(), &settings).await;
    let (front, url) = serve(Front(client("back", &back_url)), &settings).await;
    let mut request = testkit::client().get(format!("{url}/pages/1"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    assert_eq!(request.send().await.unwrap().status(), 200);
    front.stop().await;
    back.stop().await;
    collected(&collector).await
}

async fn collector() -> MockServer {
    let collector = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/traces"))
        .respond_with(ResponseTemplate::new(200).set_body_json(serde_json::json!({})))
        .mount(&collector)
        .await;
    collector
}

fn settings(collector: &MockServer, trace_ratio: f64) -> Settings {
    Settings {
        otlp_endpoint: Some(collector.uri().parse().unwrap()),
        trace_ratio,
        ..Settings::default()
    }
}

async fn collected(collector: &MockServer) -> Vec<(String, Value)> {
    let requests = collector.received_requests().await.unwrap();
    requests.iter().flat_map(|request| spans(&request.body)).collect()
}

/// Each span with the name of its service.
fn spans(body: &[u8]) -> Vec<(String, Value)> {
    let body: Value = serde_json::from_slice(body).unwrap();
    let mut found = Vec::new();
    for resource in body["resourceSpans"].as_array().unwrap() {
        let service = attribute(&resource["resource"], "service.name");
        for scope in resource["scopeSpans"].as_array().unwrap() {
            let spans = scope["spans"].as_array().unwrap();
            found.extend(spans.iter().map(|span| (service.clone(), span.clone())));
        }
    }
    found
}

fn attribute(of: &Value, key: &str) -> String {
    let attributes = of["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["key"] == key).unwrap();
    found["value"]["stringValue"].as_str().unwrap().to_owned()
}

fn only<'a>(spans: &'a [(String, Value)], service: &str, kind: u64) -> &'a Value {
    let mut found = spans
        .iter()
        .filter(|(name, span)| name == service && span["kind"] == kind);
    let span = &found.next().unwrap_or_else(|| panic!("{service} {kind}: {spans:#?}")).1;
    assert!(found.next().is_none(), "{spans:#?}");
    span
}

#[tokio::test]
async fn two_hops_are_one_trace() {
    let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let spans = spans_of(&[("traceparent", caller)], 0.0).await;
    assert_eq!(spans.len(), 3, "{spans:#?}");
    for (_, span) in &spans {
        assert_eq!(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    }
    let page = only(&spans, "front", SERVER);
    let call = only(&spans, "front", CLIENT);
    let thing = only(&spans, "back", SERVER);
    assert_eq!(page["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(call["parentSpanId"], page["spanId"]);
    assert_eq!(thing["parentSpanId"], call["spanId"]);
    assert_eq!(
        [&page["name"], &call["name"], &thing["name"]],
        ["GET /pages/{page}", "GET back", "GET /things/{thing}"]
    );
    assert_eq!(attribute(thing, "http.route"), "/things/{thing}");
    assert_eq!(attribute(thing, "url.path"), "/things/1");
}

/// A part that handles messages within a request.
#[derive(Clone)]
struct Reader;

impl Part for Reader {
    const NAME: &'static str = "reader";
    const ABOUT: &'static str = "handles messages";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = crate::NoConfig;

    async fn start(_: crate::NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> axum::Router {
        axum::Router::new().route("/", axum::routing::get(hear))
    }
}

async fn hear() -> String {
    let heard = async || -> Result<String, String> { Ok(Context::current().trace_id()) };
    let traces = [
        consume("reader thing-made", "7", Some(MESSAGE), heard()).await,
        consume("reader thing-made", "8", Some("nonsense"), heard()).await,
    ];
    let failed = consume("reader thing-lost", "9", Some(MESSAGE), async { Err::<(), _>("no") }).await;
    assert!(failed.is_err());
    traces.map(Result::unwrap).join(" ")
}

const MESSAGE: &str = "00-5bf92f3577b34da6a3ce929d0e0e4736-a0f067aa0ba902b7-01";

#[tokio::test]
async fn handling_a_message_is_in_its_trace() {
    let collector = collector().await;
    let (reader, url) = serve(Reader, &settings(&collector, 1.0)).await;
    let answer = testkit::get(format!("{url}/")).await.unwrap().text().await.unwrap();
    reader.stop().await;
    let spans = collected(&collector).await;
    let of = |id: &str| {
        let mut found = spans
            .iter()
            .filter(|(_, span)| span["kind"] == CONSUMER && attribute(span, "messaging.message.id") == id);
        found.next().map(|(_, span)| span).expect("a span")
    };
    let (made, strange, lost) = (of("7"), of("8"), of("9"));
    for span in [made, lost] {
        assert_eq!(span["traceId"], "5bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(span["parentSpanId"], "a0f067aa0ba902b7");
    }
    assert_eq!(made["name"], "reader thing-made");
    assert_ne!(made["status"], lost["status"]);
    let page = only(&spans, "reader", SERVER);
    assert!(strange["traceId"] != page["traceId"] && strange["traceId"] != made["traceId"]);
    let heard = [made, strange].map(|span| span["traceId"].as_str().unwrap());
    assert_eq!(answer, heard.join(" "));
}

#[tokio::test]
async fn request_without_traceparent_starts_a_trace() {
    let spans = spans_of(&[], 1.0).await;
    assert_eq!(spans.len(), 3, "{spans:#?}");
    let page = only(&spans, "front", SERVER);
    assert_eq!(page.get("parentSpanId").and_then(Value::as_str).unwrap_or(""), "");
    assert!(spans.iter().all(|(_, span)| span["traceId"] == page["traceId"]));
}

#[tokio::test]
async fn traces_that_are_not_sampled_are_not_exported() {
    assert_eq!(spans_of(&[], 0.0).await, []);
    let not_sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    assert_eq!(spans_of(&[("traceparent", not_sampled)], 1.0).await, []);
}

#[tokio::test]
async fn part_works_without_its_collector() {
    let settings = Settings {
        otlp_endpoint: Some("http://127.0.0.1:1".parse().unwrap()),
        ..Settings::default()
    };
    let (server, url) = serve(back(), &settings).await;
    let answer = testkit::get(format!("{url}/things/1")).await.unwrap();
    assert_eq!(answer.status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn tracestate_is_passed_on() {
    let upstream = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&upstream)
        .await;
    let (server, url) = serve(Front(client("back", &upstream.uri())), &Settings::default()).await;
    let request = testkit::client().get(format!("{url}/pages/1"));
    let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = request
        .header("traceparent", caller)
        .header("tracestate", "congo=t61rcWkgMzE");
    request.send().await.unwrap();
    server.stop().await;
    let requests = upstream.received_requests().await.unwrap();
    assert_eq!(requests[0].headers["tracestate"], "congo=t61rcWkgMzE");
    let parent = requests[0].headers["traceparent"].to_str().unwrap();
    assert!(parent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && !parent.contains("00f067aa0ba902b7"));
}
