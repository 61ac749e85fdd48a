//! What travels with a request through every hop: trace identity and deadline.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use uuid::Uuid;

/// Carries the time left for an answer, in milliseconds.
pub const DEADLINE_HEADER: &str = "x-deadline-ms";
const TRACE_HEADER: &str = "traceparent";

tokio::task_local! {
    static CURRENT: Context;
}

/// The context of the request that the current task answers.
#[derive(Clone, Debug)]
pub struct Context {
    trace_id: u128,
    deadline: Option<Instant>,
}

impl Context {
    /// The current request's context; a new one outside of a request.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Clone::clone).unwrap_or_else(|_| Self {
            trace_id: Uuid::new_v4().as_u128(),
            deadline: None,
        })
    }

    /// Runs a future in this context: needed where work moves to another task.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// The same trace with at most `limit` left.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.deadline = Some(Instant::now() + self.left(limit));
        self
    }

    /// The same trace with all the time it takes: for work that goes on when nobody waits any longer.
    #[must_use]
    pub fn without_deadline(mut self) -> Self {
        self.deadline = None;
        self
    }

    /// The time left, at most `limit`.
    #[must_use]
    pub fn left(&self, limit: Duration) -> Duration {
        self.deadline.map_or(limit, |deadline| {
            deadline.saturating_duration_since(Instant::now()).min(limit)
        })
    }

    /// The trace's id in [W3C Trace Context](https://www.w3.org/TR/trace-context/) form: 32 hex digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// A `traceparent` for a call made from here.
    #[must_use]
    pub fn traceparent(&self) -> String {
        let span = Uuid::new_v4().as_u64_pair().0 | 1;
        let mut text = String::with_capacity(55);
        write!(text, "00-{:032x}-{span:016x}-01", self.trace_id).ok();
        text
    }

    fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let left = text(DEADLINE_HEADER)
            .and_then(|value| value.parse().ok())
            .map(Duration::from_millis);
        Self {
            trace_id: text(TRACE_HEADER)
                .and_then(trace_id)
                .unwrap_or_else(|| Uuid::new_v4().as_u128()),
            deadline: left.map(|left| Instant::now() + left),
        }
    }
}

fn trace_id(traceparent: &str) -> Option<u128> {
    let id = traceparent.split('-').nth(1).filter(|id| id.len() == 32)?;
    u128::from_str_radix(id, 16).ok().filter(|id| *id != 0)
}

/// Opens the context of each request, and writes one log line when it is answered.
pub(crate) async fn middleware(request: Request, next: Next) -> Response {
    let context = Context::from_headers(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|route| route.as_str().to_owned());
    let begun = Instant::now();
    let trace = context.trace_id();
    let response = context.scope(next.run(request)).await;
    if !path.starts_with("/health/") {
        let status = response.status().as_u16();
        let ms = begun.elapsed().as_secs_f64() * 1000.0;
        tracing::info!(%method, path, route, status, ms = format_args!("{ms:.1}"), trace, "request");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_keeps_the_trace() {
        let mut headers = HeaderMap::new();
        headers.insert(
            TRACE_HEADER,
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
                .parse()
                .unwrap(),
        );
        let context = Context::from_headers(&headers);
        assert!(
            context
                .traceparent()
                .starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-")
        );
    }

    #[test]
    fn a_broken_trace_is_replaced() {
        for broken in [
            "",
            "00",
            "00-zz-00-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        ] {
            assert_eq!(trace_id(broken), None, "{broken}");
        }
    }

    #[test]
    fn the_deadline_only_shrinks() {
        let context = Context {
            trace_id: 1,
            deadline: None,
        }
        .within(Duration::from_millis(50));
        assert!(context.left(Duration::from_secs(9)) <= Duration::from_millis(50));
        let limit = Duration::from_secs(9);
        assert!(context.clone().within(limit).left(limit) <= Duration::from_millis(50));
        assert_eq!(context.without_deadline().left(limit), limit);
    }
}
