//! One call, from the first sending to the last.

use std::time::{Duration, Instant};

use errors::Cause;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Method, StatusCode};
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use reqwest::Request;
use tokio::time::sleep;

use super::balancer::{Hung, Tried, turn};
use super::error::unanswered;
use super::upstream::Upstream;
use super::{Answer, CallError};
use crate::log::causes;
use crate::trace::Span;
use crate::{Context, DEADLINE_HEADER, IdempotencyKey, Problem};

/// What has to be left for a call to be worth sending again.
const WORTH_IT: Duration = Duration::from_millis(5);

/// Everything that one call needs.
pub(super) struct Call<'a> {
    pub(super) http: &'a reqwest::Client,
    pub(super) upstream: &'a Upstream,
    pub(super) context: &'a Context,
    /// How long the code that calls would wait, whatever its own caller has left
    pub(super) patience: Duration,
    pub(super) until: Instant,
}

/// A sending that failed.
struct Failure {
    error: CallError,
    again: Again,
    /// The replica, where this has shown that it hangs
    hung: Option<Hung>,
}

/// What a sending says about its replica.
enum Said {
    /// What went wrong was not its doing.
    Nothing,
    /// It is alive. A 500 is one request's bad luck, and who has more to do than it can says so at no cost, and is
    /// slower, not gone.
    Answered,
    Failed,
    Unanswered,
}

/// Whether sending once more could help.
#[derive(Clone, Copy)]
enum Again {
    Never,
    /// Nothing was sent, and this replica has had its time: only another one could help.
    Elsewhere,
    /// Nothing was sent: another replica may be told even what cannot be repeated.
    Unsent,
    /// The connection broke, and nobody knows how far things went.
    Broken,
    /// Not before this much time has passed.
    After(Duration),
}

/// When to send once more.
enum Next {
    AtOnce,
    /// After a pause, not shorter than this.
    After(Duration),
}

impl Again {
    fn next(self, is_repeatable: bool, has_other: bool) -> Option<Next> {
        match self {
            Self::Elsewhere | Self::Unsent if has_other => Some(Next::AtOnce),
            Self::Broken if has_other && is_repeatable => Some(Next::AtOnce),
            Self::Never | Self::Elsewhere => None,
            _ if !is_repeatable => None,
            // It spoke for itself alone.
            Self::After(_) if has_other => Some(Next::After(Duration::ZERO)),
            Self::After(least) => Some(Next::After(least)),
            Self::Unsent | Self::Broken => Some(Next::After(Duration::ZERO)),
        }
    }
}

impl Call<'_> {
    /// Sends until there is an answer, or no point in going on.
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
        let mut tried = Tried::default();
        let mut resent = 0;
        loop {
            let spare = request.try_clone();
            let Failure { error, again, hung } = match self.send(request, is_repeatable, resent, &mut tried).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if let (Some(hung), Some(request)) = (hung, &spare) {
                self.watch(hung, request);
            }
            let has_other = self.has_other(&tried, Instant::now());
            let pause = match again.next(is_repeatable, has_other) {
                None => None,
                // Another replica does it in the place of this one: there is no more to do than before.
                Some(Next::AtOnce) => self.worth_it(Duration::ZERO),
                Some(Next::After(least)) => pauses
                    .next()
                    .and_then(|pause| self.worth_it(pause.max(least)))
                    .filter(|_| self.upstream.budget.withdraw()),
            };
            let (Some(spare), Some(pause)) = (spare, pause) else {
                return Err(error);
            };
            tracing::debug!(
                upstream = error.part(),
                error = causes(&error),
                ?pause,
                "a call is sent again"
            );
            sleep(pause).await;
            self.upstream.count_retry();
            (request, resent) = (spare, resent + 1);
        }
    }

    fn has_other(&self, tried: &Tried, now: Instant) -> bool {
        self.upstream.balancer.has_other(tried, self.patience, now)
    }

    /// What changes nothing can be asked again and again until there is an answer; else the next call has to try.
    fn watch(&self, hung: Hung, request: &Request) {
        let Some(request) = request.try_clone().filter(|request| request.method().is_safe()) else {
            return;
        };
        let http = self.http.clone();
        self.upstream.balancer.watch(hung, move |url, patience| {
            let (http, request) = (http.clone(), request.try_clone());
            async move {
                let Some(mut request) = request else { return false };
                turn(&mut request, &url);
                request.headers_mut().insert(DEADLINE_HEADER, millis(patience));
                *request.timeout_mut() = Some(patience);
                let answer = async { http.execute(request).await?.bytes().await };
                answer.await.is_err_and(|error| error.is_timeout())
            }
        });
    }

    /// The pause, if there is time for an answer after it.
    fn worth_it(&self, pause: Duration) -> Option<Duration> {
        (Instant::now() + pause + WORTH_IT <= self.until).then_some(pause)
    }

    async fn send(
        &self,
        mut request: Request,
        is_repeatable: bool,
        resent: i64,
        tried: &mut Tried,
    ) -> Result<Answer, Failure> {
        let entered = self.upstream.enter(self.until, self.patience, tried).await;
        let (_place, choice) = entered.map_err(Failure::last)?;
        let begun = Instant::now();
        let mut left = self.until.saturating_duration_since(begun);
        // To see whether a replica is back must not cost the call.
        let is_try = is_repeatable && choice.is_probe() && self.has_other(tried, begun);
        if is_try {
            left /= 2;
        }
        let hop = self.context.child();
        choice.turn(&mut request);
        let headers = request.headers_mut();
        headers.extend(hop.headers());
        headers.insert(DEADLINE_HEADER, millis(left));
        *request.timeout_mut() = Some(left);
        let method = request.method().clone();

        let mut outcome = self.exchange(request).await;
        match (Said::by(&outcome), &mut outcome) {
            (Said::Answered, _) => choice.answered(),
            (Said::Failed, _) => choice.failed(),
            (Said::Unanswered, Err(failure)) if is_try => {
                failure.again = Again::Broken;
                choice.failed();
            }
            (Said::Unanswered, Err(failure)) => failure.hung = choice.unanswered(left),
            (Said::Unanswered | Said::Nothing, _) => drop(choice),
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
        if error.is_builder() {
            let problem = Problem::new(StatusCode::BAD_REQUEST, "invalid-request", "Invalid request");
            let detail = format!("The request cannot be sent: {}.", errors::chain(&error));
            return Failure::last(CallError::Invalid(part, Box::new(problem.detail(detail))));
        }
        let again = match (error.is_connect(), error.is_timeout()) {
            (true, true) => Again::Elsewhere,
            (true, false) => Again::Unsent,
            (false, true) => Again::Never,
            (false, false) => Again::Broken,
        };
        let error = if error.is_timeout() {
            CallError::Timeout(part)
        } else {
            CallError::Unreachable(part, unanswered(error))
        };
        Failure {
            error,
            again,
            hung: None,
        }
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
        let unknown = || Problem::new(status, "unknown", "Error without a problem document");
        let mut problem: Problem = serde_json::from_slice(body).unwrap_or_else(|_| unknown());
        let retry_after = headers.get(RETRY_AFTER);
        // A date is not waited for: it is never within the time of a page.
        let seconds = retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let again = match (is_gateway_error(status), retry_after, seconds) {
            (true, None, _) if is_outage(&problem) => Again::After(Duration::ZERO),
            (true, Some(_), Some(seconds)) => Again::After(Duration::from_secs(seconds)),
            _ => Again::Never,
        };
        if let Some(seconds) = seconds {
            problem = problem.retry_after(seconds);
        }
        Failure {
            error: CallError::Refused(self.upstream.part, Box::new(problem)),
            again,
            hung: None,
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
            again: Again::Never,
            hung: None,
        }
    }
}

impl Said {
    fn by(outcome: &Result<Answer, Failure>) -> Self {
        match outcome.as_ref().map_err(|failure| &failure.error) {
            Err(CallError::Invalid(..) | CallError::CircuitOpen(_)) => Self::Nothing,
            Err(CallError::Timeout(_)) => Self::Unanswered,
            Err(CallError::Unreachable(..)) => Self::Failed,
            Err(CallError::Refused(_, problem)) if is_outage(problem) && !problem.is("overloaded") => Self::Failed,
            Ok(_) | Err(CallError::Refused(..) | CallError::Malformed(..)) => Self::Answered,
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
    is_gateway_error(problem.status()) && problem.is_any(&["overloaded", "not-ready", "unknown"])
}

fn millis(left: Duration) -> http::HeaderValue {
    u64::try_from(left.as_millis()).unwrap_or(u64::MAX).into()
}
