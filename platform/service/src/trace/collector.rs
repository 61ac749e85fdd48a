//! The connection to the collector. The exporter is OpenTelemetry's; it uses the HTTP client of the rest of the process, so
//! that the whole workspace has one HTTP client, and that has no TLS.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanProcessor as _};
use tokio::runtime::Handle;

use crate::client::unanswered;
use crate::log::causes;
use crate::{BaseUrl, BoxError, http_client};

/// The timeout of sending one batch.
const PATIENCE: Duration = Duration::from_secs(3);

/// Collects spans and sends them every few seconds, on a thread of its own. What the collector does not accept in time is
/// dropped: traces must not delay a request, nor fill the memory.
pub(super) fn processor(part: &'static str, collector: &BaseUrl) -> Result<BatchSpanProcessor, BoxError> {
    if !collector.is_plain() {
        return Err(format!("{collector}: the collector must be a single http:// address").into());
    }
    let client = Client {
        http: http_client().timeout(PATIENCE).build()?,
        runtime: Handle::current(),
        lost: AtomicBool::new(false),
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpJson)
        .with_http_client(client)
        .with_endpoint(format!("{collector}/v1/traces"))
        .with_timeout(PATIENCE)
        .build()?;
    let mut processor = BatchSpanProcessor::builder(exporter).build();
    // This also reads OTEL_RESOURCE_ATTRIBUTES, by which an orchestrator tells where a process runs.
    processor.set_resource(&Resource::builder().with_service_name(part).build());
    Ok(processor)
}

#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: Handle,
    lost: AtomicBool,
}

#[async_trait]
impl HttpClient for Client {
    /// Called on the exporter's thread, which has no runtime: the part's runtime does the work.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let outcome = self.runtime.spawn(send(self.http.clone(), request)).await?;
        self.report(&outcome);
        outcome
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the collector answered with {0}")]
struct Refused(StatusCode);

impl Client {
    /// Logs each change, not each batch.
    fn report(&self, outcome: &Result<Response<Bytes>, HttpError>) {
        let refused;
        let failure: Option<&(dyn std::error::Error + 'static)> = match outcome {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => {
                refused = Refused(response.status());
                Some(&refused)
            }
            Err(error) => Some(&**error),
        };
        let was_lost = self.lost.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(error) if !was_lost => {
                tracing::warn!(
                    error = causes(error),
                    "traces are lost: the collector does not accept them"
                );
            }
            None if was_lost => tracing::info!("the collector accepts traces again"),
            _ => {}
        }
    }
}

async fn send(http: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let response = http.execute(request.try_into()?).await.map_err(unanswered)?;
    let mut answer = Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        headers.clone_from(response.headers());
    }
    Ok(answer.body(response.bytes().await.map_err(unanswered)?)?)
}
