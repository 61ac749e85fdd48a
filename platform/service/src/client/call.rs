//! One call, from the first sending to the last.

use std::time::{Duration, Instant};

use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, StatusCode};
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use reqwest::Request;
use tokio::time::sleep;

use super::breaker::Verdict;
use super::upstream::Upstream;
use super::{Answer, CallError};
use crate::trace::Span;
use crate::{Context, DEADLINE_HEADER, IdempotencyKey, Problem};

/// A call that was not given this long says nothing about its upstream when it runs out of time.
const FAIR_CHANCE: Duration = Duration::from_millis(50);
/// What has to be left for a call to be worth sending again.
const WORTH_IT: Duration = Duration::from_millis(5);

/// Everything that one call needs.
pub(super) struct Call<'a> {
    pub(super) http: &'a reqwest::Client,
    pub(super) upstream: &'a Upstream,
    pub(super) context: &'a Context,
    pub(super) until: Instant,
}

/// A sending that failed.
struct Failure {
    error: CallError,
    again: Again,
}

/// Whether sending once more could help.
#[derive(Clone, Copy)]
enum Again {
    Never,
    /// Not before this much time has passed.
    After(Duration),
}

impl Call<'_> {
    /// Sends until there is an answer, or no point in going on.
    pub(super) async fn make(&self, request: Request) -> Result<Answer, CallError> {
        let begun = Instant::now();
        self.upstream.budget.deposit();
        let outcome = match is_repeatable(&request) {
            true => self.send_again(request).await,
            false => self.send(request, 0).await.map_err(|failure| failure.error),
        };
        self.upstream.count(&outcome, begun.elapsed());
        outcome
    }

    async fn send_again(&self, mut request: Request) -> Result<Answer, CallError> {
        let mut pauses = self.upstream.resilience.pauses();
        let mut resent = 0;
        loop {
            let spare = request.try_clone();
            let Failure { error, again } = match self.send(request, resent).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let (Some(spare), Again::After(least), Some(pause)) = (spare, again, pauses.next()) else {
                return Err(error);
            };
            let pause = pause.max(least);
            if Instant::now() + pause + WORTH_IT > self.until || !self.upstream.budget.withdraw() {
                return Err(error);
            }
            tracing::debug!(%error, ?pause, "sent again");
            sleep(pause).await;
            self.upstream.count_retry();
            (request, resent) = (spare, resent + 1);
        }
    }

    async fn send(&self, mut request: Request, resent: i64) -> Result<Answer, Failure> {
        let (_place, admission) = self.upstream.enter(self.until).await.map_err(Failure::last)?;
        let begun = Instant::now();
        let left = self.until.saturating_duration_since(begun);
        let hop = self.context.child();
        let headers = request.headers_mut();
        headers.extend(hop.headers());
        headers.insert(DEADLINE_HEADER, millis(left));
        *request.timeout_mut() = Some(left);
        let method = request.method().clone();

        let outcome = self.exchange(request).await;
        match verdict(&outcome, left) {
            Some(verdict) => admission.settle(verdict, Instant::now()),
            None => drop(admission),
        }
        let describe = || self.span(&hop, &method, begun, resent, &outcome);
        hop.tracer.record(hop.parent().sampled, describe);
        outcome
    }

    async fn exchange(&self, request: Request) -> Result<Answer, Failure> {
        let failed = |error| self.failed(error);
        let response = self.http.execute(request).await.map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(failed)?;
        if status.is_client_error() || status.is_server_error() {
            return Err(self.refused(status, &headers, &body));
        }
        Ok((headers, body))
    }

    /// A hung upstream is not tried again: its caller has waited long enough, and it has enough to do.
    fn failed(&self, error: reqwest::Error) -> Failure {
        let part = self.upstream.part;
        match error.is_timeout() {
            true => Failure::last(CallError::Timeout(part)),
            false => Failure {
                error: CallError::Unreachable(part, error),
                again: Again::After(Duration::ZERO),
            },
        }
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
        let unknown = || Problem::new(status, "unknown", "Error without a problem document");
        let problem: Problem = serde_json::from_slice(body).unwrap_or_else(|_| unknown());
        let again = match (is_gateway_error(status), headers.get(RETRY_AFTER)) {
            (true, None) if is_outage(&problem) => Again::After(Duration::ZERO),
            (true, None) | (false, _) => Again::Never,
            // A date is not waited for: it is never within the time of a page.
            (true, Some(seconds)) => match seconds.to_str().ok().and_then(|text| text.parse().ok()) {
                Some(seconds) => Again::After(Duration::from_secs(seconds)),
                None => Again::Never,
            },
        };
        let error = CallError::Refused(self.upstream.part, problem);
        Failure { error, again }
    }

    fn span(
        &self,
        hop: &Context,
        method: &Method,
        begun: Instant,
        resent: i64,
        outcome: &Result<Answer, Failure>,
    ) -> Span {
        let part = self.upstream.part;
        let mut attributes = vec![
            KeyValue::new("http.request.method", method.as_str().to_owned()),
            KeyValue::new("peer.service", part),
        ];
        if resent > 0 {
            attributes.push(KeyValue::new("http.request.resend_count", resent));
        }
        if let Err(Failure { error, .. }) = outcome {
            attributes.push(match error {
                CallError::Refused(_, problem) => KeyValue::new("http.response.status_code", i64::from(problem.status)),
                CallError::Timeout(_) => KeyValue::new("error.type", "timeout"),
                _ => KeyValue::new("error.type", "unreachable"),
            });
        }
        Span {
            at: hop.parent(),
            cause: self.context.parent().span,
            kind: SpanKind::Client,
            name: format!("{method} {part}").into(),
            begun,
            attributes,
            is_error: outcome.is_err(),
        }
    }
}

impl Failure {
    fn last(error: CallError) -> Self {
        Self {
            error,
            again: Again::Never,
        }
    }
}

/// Sending it twice does what sending it once does: by
/// [its method](https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods), or because it names its intent.
fn is_repeatable(request: &Request) -> bool {
    let by_method = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::PUT | Method::DELETE
    );
    by_method || request.headers().contains_key(IdempotencyKey::HEADER)
}

fn is_gateway_error(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}

/// The upstream itself cannot answer. One that writes a problem of its own, `unavailable` for a part behind it, is
/// alive and has tried: to try it again would multiply retries row by row, and to cut it off would take what it
/// can still do.
fn is_outage(problem: &Problem) -> bool {
    is_gateway_error(problem.status()) && matches!(problem.kind(), "overloaded" | "not-ready" | "unknown")
}

/// What a sending says about its upstream. A 500 is one request's bad luck, not the state of the part.
fn verdict(outcome: &Result<Answer, Failure>, left: Duration) -> Option<Verdict> {
    match outcome.as_ref().map_err(|failure| &failure.error) {
        Err(CallError::Timeout(_)) if left < FAIR_CHANCE => None,
        Err(CallError::Refused(_, problem)) if !is_outage(problem) => Some(Verdict::Alive),
        Err(_) => Some(Verdict::Failed),
        Ok(_) => Some(Verdict::Alive),
    }
}

fn millis(left: Duration) -> http::HeaderValue {
    u64::try_from(left.as_millis()).unwrap_or(u64::MAX).into()
}
