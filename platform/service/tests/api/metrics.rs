//! `/metrics`. The tests of this file share one recorder, so each uses labels of its own.

use service::Settings;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{Front, back, client, serve};

async fn get(url: &str) -> String {
    testkit::get(url).await.unwrap().text().await.unwrap()
}

fn value(metrics: &str, series: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series));
    let value = line.unwrap_or_else(|| panic!("no {series} in\n{metrics}"));
    value.trim().parse().unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_route_never_by_path() {
    let upstream = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&upstream)
        .await;
    let front = Front(client("counted", &upstream.uri()));
    let (server, url) = serve(front, &Settings::default()).await;
    for page in 0..5 {
        get(&format!("{url}/pages/secret-{page}")).await;
    }
    get(&format!("{url}/no/such/secret")).await;

    let metrics = get(&format!("{url}/metrics")).await;
    let labels = r#"{method="GET",route="/pages/{page}",status="2xx"}"#;
    assert!(value(&metrics, &format!("http_server_requests_total{labels}")) >= 5.0);
    assert!(value(&metrics, &format!("http_server_request_duration_seconds_count{labels}")) >= 5.0);
    let labels = r#"{method="GET",route="unmatched",status="4xx"}"#;
    assert!(value(&metrics, &format!("http_server_requests_total{labels}")) >= 1.0);
    let series = r#"http_client_requests_total{upstream="counted",outcome="success"}"#;
    assert!((value(&metrics, series) - 5.0).abs() < f64::EPSILON);
    let series = r#"http_client_circuit_state{upstream="counted"}"#;
    assert!(value(&metrics, series).abs() < f64::EPSILON);
    assert!(value(&metrics, "process_resident_memory_bytes") > 1e6);
    assert!(!metrics.contains("secret"), "{metrics}");
    server.stop().await;
}

#[tokio::test]
async fn unknown_method_is_not_a_label() {
    let (server, url) = serve(back(), &Settings::default()).await;
    let http = testkit::client();
    let method = reqwest::Method::from_bytes(b"MADEUP").unwrap();
    http.request(method, format!("{url}/things/1")).send().await.unwrap();
    let metrics = get(&format!("{url}/metrics")).await;
    assert!(
        metrics.contains(r#"{method="other",route="/things/{thing}",status="4xx"}"#),
        "{metrics}"
    );
    assert!(!metrics.contains("MADEUP"));
    server.stop().await;
}
