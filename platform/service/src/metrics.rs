//! Metrics in [Prometheus' text format](https://prometheus.io/docs/instrumenting/exposition_formats/), under `/metrics`.
//! There is one recorder per process, for the metrics of all crates.

use std::convert::Infallible;
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use background::{Background, FAILURES, ROUNDS};
use http::header;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

pub(crate) const SERVER_REQUESTS: &str = "http_server_requests_total";
pub(crate) const SERVER_DURATION: &str = "http_server_request_duration_seconds";
pub(crate) const SERVER_IN_FLIGHT: &str = "http_server_requests_in_flight";
pub(crate) const SERVER_SHED: &str = "http_server_requests_shed_total";
pub(crate) const SERVER_CONNECTIONS: &str = "http_server_connections";
pub(crate) const SERVER_CONNECTIONS_REFUSED: &str = "http_server_connections_refused_total";
pub(crate) const SERVER_SOCKETS: &str = "http_server_sockets";
pub(crate) const RATE_REFUSED: &str = "rate_refused_total";
pub(crate) const CLIENT_REQUESTS: &str = "http_client_requests_total";
pub(crate) const CLIENT_DURATION: &str = "http_client_request_duration_seconds";
pub(crate) const CLIENT_RETRIES: &str = "http_client_retries_total";
pub(crate) const CLIENT_CIRCUIT: &str = "http_client_circuit_state";
pub(crate) const CLIENT_REMEMBERED: &str = "http_client_remembered_total";
const MEMORY: &str = "process_resident_memory_bytes";

#[cfg(test)]
pub(crate) const ALL: [&str; 16] = [
    FAILURES,
    ROUNDS,
    SERVER_REQUESTS,
    SERVER_DURATION,
    SERVER_IN_FLIGHT,
    SERVER_SHED,
    SERVER_CONNECTIONS,
    SERVER_CONNECTIONS_REFUSED,
    SERVER_SOCKETS,
    RATE_REFUSED,
    CLIENT_REQUESTS,
    CLIENT_DURATION,
    CLIENT_RETRIES,
    CLIENT_CIRCUIT,
    CLIENT_REMEMBERED,
    MEMORY,
];

/// Upper bounds of the histograms' buckets in seconds: from a cached response to a client's timeout.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
];

/// How often samples are moved into their buckets if nobody reads the metrics.
const UPKEEP: Duration = Duration::from_secs(10);

/// Installs the recorder, unless there is one. Call this before taking a counter.
pub(crate) fn record() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .expect("there are buckets")
            .build_recorder();
        let handle = recorder.handle();
        // A program around the part may have a recorder of its own, and then exports it itself.
        if metrics::set_global_recorder(recorder).is_ok() {
            describe();
        }
        handle
    })
}

fn describe() {
    describe_counter!(
        SERVER_REQUESTS,
        "Requests answered, by method, route and class of status"
    );
    describe_histogram!(SERVER_DURATION, Unit::Seconds, "Time to the end of the response");
    describe_gauge!(SERVER_IN_FLIGHT, "Requests being answered now");
    describe_counter!(SERVER_SHED, "Requests refused because too many were being answered");
    describe_gauge!(SERVER_CONNECTIONS, "Connections open now");
    describe_counter!(
        SERVER_CONNECTIONS_REFUSED,
        "Connections refused because too many were open, in total or by one client"
    );
    describe_gauge!(SERVER_SOCKETS, "Sockets open now");
    describe_counter!(RATE_REFUSED, "Requests refused by a rate limit, by its name");
    describe_counter!(
        CLIENT_REQUESTS,
        "Calls to other parts, by upstream and outcome, and those without a connection by cause"
    );
    describe_histogram!(CLIENT_DURATION, Unit::Seconds, "Time of a call, including retries");
    describe_counter!(CLIENT_RETRIES, "Retries of calls, by upstream");
    describe_counter!(
        CLIENT_REMEMBERED,
        "Cached responses that were used: fresh ones instead of a call, stale ones after a failed call"
    );
    describe_gauge!(CLIENT_CIRCUIT, "Circuit to an upstream: 0 closed, 1 half open, 2 open");
    describe_counter!(FAILURES, "Panics and errors of background work, by name and kind");
    describe_counter!(ROUNDS, "Successful rounds, or steps, of background work, by name");
    describe_gauge!(MEMORY, Unit::Bytes, "Resident memory of the process");
}

pub(crate) fn routes() -> Router {
    let handle = record();
    Router::new().route("/metrics", get(async || show(handle)))
}

fn show(handle: &PrometheusHandle) -> impl IntoResponse {
    if let Some(bytes) = resident() {
        gauge!(MEMORY).set(bytes);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render())
}

/// Bounds the memory of samples.
pub(crate) fn upkeep() -> Background {
    let handle = record();
    Background::every("metrics", UPKEEP, || async {
        handle.run_upkeep();
        Ok::<_, Infallible>(())
    })
}

/// The resident memory in bytes, on Linux.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}
