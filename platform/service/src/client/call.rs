//! One call with its retries.

use std::time::{Duration, Instant};

use errors::Cause;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, StatusCode};
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use reqwest::Request;
use tokio::time::sleep;

use super::balancer::{TriedReplicas, UnresponsiveReplica, retarget};
use super::error::unanswered;
use super::upstream::Upstream;
use super::{Answer, CallError};
use crate::log::causes;
use crate::trace::Span;
use crate::{Context, DEADLINE_HEADER, IdempotencyKey, Problem};

/// The time that has to be left for a retry to make sense.
const MIN_TIME_LEFT: Duration = Duration::from_millis(5);

/// What one call needs.
pub(super) struct Call<'a> {
    pub(super) http: &'a reqwest::Client,
    pub(super) upstream: &'a Upstream,
    pub(super) context: &'a Context,
    /// The timeout of the code that calls, regardless of its own caller's deadline
    pub(super) patience: Duration,
    pub(super) until: Instant,
}

/// An attempt that failed.
struct Failure {
    error: CallError,
    retry: Retry,
    /// The replica, if this attempt has shown that it is unresponsive
    unresponsive: Option<UnresponsiveReplica>,
}

/// What an attempt says about its replica.
enum Signal {
    /// The failure was not its fault.
    Nothing,
    /// It works. A 500 concerns one request alone; an overloaded replica says so at no cost, and is slower, not gone.
    Answered,
    Failed,
    Unanswered,
}

/// Whether another attempt could help.
#[derive(Clone, Copy)]
enum Retry {
    Never,
    /// Nothing was sent, and this replica has had its time: only another one could help.
    Elsewhere,
    /// Nothing was sent: another replica may be called even if the call is not idempotent.
    Unsent,
    /// The connection broke; it is unknown whether the request was handled.
    Broken,
    /// Not before this much time has passed.
    After(Duration),
}

/// When to make the next attempt.
enum RetryTime {
    AtOnce,
    /// After a pause of at least this length.
    After(Duration),
}

impl Retry {
    fn time(self, is_repeatable: bool, has_other: bool) -> Option<RetryTime> {
        match self {
            Self::Elsewhere | Self::Unsent if has_other => Some(RetryTime::AtOnce),
            Self::Broken if has_other && is_repeatable => Some(RetryTime::AtOnce),
            Self::Never | Self::Elsewhere => None,
            _ if !is_repeatable => None,
            // `Retry-After` is about this replica alone.
            Self::After(_) if has_other => Some(RetryTime::After(Duration::ZERO)),
            Self::After(least) => Some(RetryTime::After(least)),
            Self::Unsent | Self::Broken => Some(RetryTime::After(Duration::ZERO)),
        }
    }
}

impl Call<'_> {
    /// Makes attempts until there is a response, or another attempt would not help.
    pub(super) async fn make(&self, request: Request) -> Result<Answer, CallError> {
        let begun = Instant::now();
        self.upstream.budget.deposit();
        let outcome = self.answer(request).await;
        self.upstream.count(&outcome, begun.elapsed());
        outcome
    }

    async fn answer(&self, mut request: Request) -> Result<Answer, CallError> {
        let is_repeatable = is_repeatable(&request);
        let mut pauses = self.upstream.resilience.pauses();
        let mut tried = TriedReplicas::default();
        let mut resent = 0;
        loop {
            let spare = request.try_clone();
            let Failure {
                error,
                retry,
                unresponsive,
            } = match self.send(request, is_repeatable, resent, &mut tried).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if let (Some(unresponsive), Some(request)) = (unresponsive, &spare) {
                self.watch(unresponsive, request);
            }
            let has_other = self.has_other(&tried, Instant::now());
            let pause = match retry.time(is_repeatable, has_other) {
                None => None,
                // Another replica is called instead of this one, so the load does not increase.
                Some(RetryTime::AtOnce) => self.if_time_left(Duration::ZERO),
                Some(RetryTime::After(least)) => pauses
                    .next()
                    .and_then(|pause| self.if_time_left(pause.max(least)))
                    .filter(|_| self.upstream.budget.withdraw()),
            };
            let (Some(spare), Some(pause)) = (spare, pause) else {
                return Err(error);
            };
            tracing::debug!(
                upstream = error.part(),
                error = causes(&error),
                ?pause,
                "a call is retried"
            );
            sleep(pause).await;
            self.upstream.count_retry();
            (request, resent) = (spare, resent + 1);
        }
    }

    fn has_other(&self, tried: &TriedReplicas, now: Instant) -> bool {
        self.upstream.balancer.has_other(tried, self.patience, now)
    }

    /// Probes the replica in the background if the request is safe; otherwise one of the next calls has to try it.
    fn watch(&self, unresponsive: UnresponsiveReplica, request: &Request) {
        let Some(request) = request.try_clone().filter(|request| request.method().is_safe()) else {
            return;
        };
        let http = self.http.clone();
        self.upstream.balancer.watch(unresponsive, move |url, patience| {
            let (http, request) = (http.clone(), request.try_clone());
            async move {
                let Some(mut request) = request else { return false };
                retarget(&mut request, &url);
                request.headers_mut().insert(DEADLINE_HEADER, millis(patience));
                *request.timeout_mut() = Some(patience);
                let answer = async { http.execute(request).await?.bytes().await };
                answer.await.is_err_and(|error| error.is_timeout())
            }
        });
    }

    /// The pause, if there is time for a response after it.
    fn if_time_left(&self, pause: Duration) -> Option<Duration> {
        (Instant::now() + pause + MIN_TIME_LEFT <= self.until).then_some(pause)
    }

    async fn send(
        &self,
        mut request: Request,
        is_repeatable: bool,
        resent: i64,
        tried: &mut TriedReplicas,
    ) -> Result<Answer, Failure> {
        let entered = self.upstream.acquire(self.until, self.patience, tried).await;
        let (_permit, replica) = entered.map_err(Failure::last)?;
        let begun = Instant::now();
        let mut left = self.until.saturating_duration_since(begun);
        // The trial of a replica must not cost the call.
        let is_trial = is_repeatable && replica.is_probe() && self.has_other(tried, begun);
        if is_trial {
            left /= 2;
        }
        let hop = self.context.child();
        replica.retarget(&mut request);
        let headers = request.headers_mut();
        headers.extend(hop.headers());
        headers.insert(DEADLINE_HEADER, millis(left));
        *request.timeout_mut() = Some(left);
        let method = request.method().clone();

        let mut outcome = self.exchange(request).await;
        match (Signal::of(&outcome), &mut outcome) {
            (Signal::Answered, _) => replica.answered(),
            (Signal::Failed, _) => replica.failed(),
            (Signal::Unanswered, Err(failure)) if is_trial => {
                failure.retry = Retry::Broken;
                replica.failed();
            }
            (Signal::Unanswered, Err(failure)) => failure.unresponsive = replica.unanswered(left),
            (Signal::Unanswered | Signal::Nothing, _) => drop(replica),
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

    /// After a timeout there is no other attempt: the caller has waited long enough, and the upstream has enough to do.
    fn failed(&self, error: reqwest::Error) -> Failure {
        let part = self.upstream.part;
        if error.is_builder() {
            let problem = Problem::new(StatusCode::BAD_REQUEST, "invalid-request", "Invalid request");
            let detail = format!("The request cannot be sent: {}.", errors::chain(&error));
            return Failure::last(CallError::Invalid(part, Box::new(problem.detail(detail))));
        }
        let retry = match (error.is_connect(), error.is_timeout()) {
            (true, true) => Retry::Elsewhere,
            (true, false) => Retry::Unsent,
            (false, true) => Retry::Never,
            (false, false) => Retry::Broken,
        };
        let error = if error.is_timeout() {
            CallError::Timeout(part)
        } else {
            CallError::Unreachable(part, unanswered(error))
        };
        Failure {
            error,
            retry,
            unresponsive: None,
        }
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
        let unknown = || Problem::new(status, "unknown", "Error without a problem document");
        let mut problem: Problem = serde_json::from_slice(body).unwrap_or_else(|_| unknown());
        let retry_after = headers.get(RETRY_AFTER);
        // A date is not waited for: it is never within a page's deadline.
        let seconds = retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let retry = match (is_gateway_error(status), retry_after, seconds) {
            (true, None, _) if is_outage(&problem) => Retry::After(Duration::ZERO),
            (true, Some(_), Some(seconds)) => Retry::After(Duration::from_secs(seconds)),
            _ => Retry::Never,
        };
        if let Some(seconds) = seconds {
            problem = problem.retry_after(seconds);
        }
        Failure {
            error: CallError::Refused(self.upstream.part, Box::new(problem)),
            retry,
            unresponsive: None,
        }
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
                error => KeyValue::new("error.type", error.cause().map_or("unknown", Cause::as_str)),
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
            retry: Retry::Never,
            unresponsive: None,
        }
    }
}

impl Signal {
    fn of(outcome: &Result<Answer, Failure>) -> Self {
        match outcome.as_ref().map_err(|failure| &failure.error) {
            Err(CallError::Invalid(..) | CallError::CircuitOpen(_)) => Self::Nothing,
            Err(CallError::Timeout(_)) => Self::Unanswered,
            Err(CallError::Unreachable(..)) => Self::Failed,
            Err(CallError::Refused(_, problem)) if is_outage(problem) && !problem.is("overloaded") => Self::Failed,
            Ok(_) | Err(CallError::Refused(..) | CallError::Malformed(..)) => Self::Answered,
        }
    }
}

/// Sending it twice has the same effect as sending it once: by
/// [its method](https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods), or because it has an idempotency key.
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

/// Returns whether the upstream itself cannot answer. An upstream that answers `unavailable` about a part behind it works,
/// and has retried already: another retry here would multiply the attempts row by row, and an open circuit would take away
/// what it can still do.
fn is_outage(problem: &Problem) -> bool {
    is_gateway_error(problem.status()) && problem.is_any(&["overloaded", "not-ready", "unknown"])
}

fn millis(left: Duration) -> http::HeaderValue {
    u64::try_from(left.as_millis()).unwrap_or(u64::MAX).into()
}
