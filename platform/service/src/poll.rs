//! Long polling with standard headers: a request that names the state it knows (`If-None-Match`) and is willing to wait
//! (`Prefer: wait=20`, [RFC 7240](https://www.rfc-editor.org/rfc/rfc7240#section-4.3)) is answered when the state has changed.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use tokio::time::{Instant, sleep_until};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Required, Type};
use utoipa::{IntoParams, openapi::ObjectBuilder};

use crate::{Context, Problem, SocketPermit, Sockets, header_items};

pub(crate) const PREFER: HeaderName = HeaderName::from_static("prefer");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The longest time that a response is held back.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// How often the state is checked without a notification: another replica may have changed it.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// The shortest time between two checks.
const MIN_INTERVAL: Duration = Duration::from_millis(100);
/// Kept back from the caller's deadline, so that the response arrives in time.
const MARGIN: Duration = Duration::from_millis(250);

/// The [entity tag](https://www.rfc-editor.org/rfc/rfc9110#name-etag) of a state.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ETag(HeaderValue);

impl ETag {
    /// Reads the `ETag` header of a response.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        headers.get(header::ETAG).cloned().map(Self)
    }

    /// The tag as it is in headers, with its quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    fn of(body: &[u8]) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&digest(&SHA256, body).as_ref()[..16]);
        let text = format!("\"{:032x}\"", u128::from_be_bytes(half));
        Self(HeaderValue::try_from(text).expect("hex digits are plain"))
    }
}

/// Extracts a `GET` request that may wait for a change.
#[derive(Debug)]
pub struct LongPoll {
    seen: Vec<HeaderValue>,
    wait: Duration,
    until: Instant,
    checked_at: Instant,
    permit: Option<SocketPermit>,
}

/// Documents the headers: `params(LongPoll)`.
impl IntoParams for LongPoll {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = |name: HeaderName, description: &str| {
            let header = ParameterBuilder::new().name(name.as_str());
            let header = header.parameter_in(ParameterIn::Header).required(Required::False);
            let text = ObjectBuilder::new().schema_type(Type::String);
            header.description(Some(description)).schema(Some(text)).build()
        };
        let wait = "`wait=20`: with `if-none-match`, wait up to this many seconds (at most 30) for the state to change \
                    before answering";
        vec![
            header(header::IF_NONE_MATCH, "The `etag` of the state that the client knows"),
            header(PREFER, wait),
        ]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LongPoll {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let Ok(sockets) = Sockets::from_request_parts(parts, state).await;
        let seen: Vec<_> = parts.headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect();
        let wait = wait(&parts.headers).filter(|_| !seen.is_empty()).unwrap_or_default();
        let wait = wait.min(Context::current().time_left(MAX_WAIT).saturating_sub(MARGIN));
        let now = Instant::now();
        Ok(Self {
            seen,
            wait,
            until: now + wait,
            checked_at: now,
            permit: (!wait.is_zero()).then(|| sockets.acquire_wait()).flatten(),
        })
    }
}

impl LongPoll {
    /// Returns the response, if it is time to answer: 200 with the state if the client does not know it, 304 if the time is
    /// over. If it returns `None`, call [`wait`](Self::wait) and then this again with the current state.
    pub fn answer(&mut self, state: &impl Serialize) -> Option<Response> {
        self.checked_at = Instant::now();
        let body = match serde_json::to_vec(state) {
            Ok(body) => body,
            Err(error) => return Some(Problem::internal(&error).into_response()),
        };
        let ETag(tag) = ETag::of(&body);
        let is_seen = self.seen.iter().any(|seen| is_among(&tag, seen));
        let is_over = self.permit.is_none() || self.checked_at >= self.until;
        let status = match (is_seen, is_over) {
            (false, _) => StatusCode::OK,
            (true, true) => StatusCode::NOT_MODIFIED,
            (true, false) => return None,
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, tag);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if self.permit.is_some() {
            let applied = HeaderValue::try_from(format!("wait={}", self.wait.as_secs()));
            headers.insert(APPLIED, applied.expect("digits are plain"));
        }
        if is_seen {
            return Some((status, headers).into_response());
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Some((status, headers, body).into_response())
    }

    /// Waits until the state should be checked again: `changed` has completed, half a second has passed, or the time is over.
    pub async fn wait(&mut self, changed: impl Future<Output = ()>) {
        let Some(permit) = &mut self.permit else { return };
        let changed = async {
            changed.await;
            sleep_until(self.checked_at + MIN_INTERVAL).await;
        };
        tokio::select! {
            () = changed => {}
            () = sleep_until((self.checked_at + CHECK_INTERVAL).min(self.until)) => {}
            // A request that waits would only delay the end of the process.
            () = permit.stopping() => self.until = Instant::now(),
        }
    }
}

/// The first `wait` preference.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let mut waits = header_items(headers, PREFER, b',').filter_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("wait")
            .then(|| value.trim().trim_matches('"').parse().ok())
    });
    waits.next().flatten().map(Duration::from_secs)
}

/// [Weak comparison](https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match): a compressed response has the same state.
fn is_among(tag: &HeaderValue, seen: &HeaderValue) -> bool {
    let seen = seen.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let mut seen = seen.map(|seen| seen.strip_prefix(b"W/").unwrap_or(seen));
    seen.any(|seen| seen == tag.as_bytes() || seen == b"*")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefer(values: &[&'static str]) -> HeaderMap {
        let values = values.iter().map(|value| (PREFER, HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn wait_preference_is_parsed() {
        let seconds = |values: &[&'static str]| wait(&prefer(values)).map(|wait| wait.as_secs());
        assert_eq!(seconds(&["wait=20"]), Some(20));
        assert_eq!(seconds(&["respond-async, Wait = \"5\"; foo"]), Some(5));
        assert_eq!(seconds(&["return=minimal", "wait=7"]), Some(7));
        for none in [
            &["wait"] as &[&'static str],
            &["wait=soon"],
            &["wait=-1"],
            &["waiting=3"],
            &[],
        ] {
            assert_eq!(seconds(none), None, "{none:?}");
        }
    }

    #[test]
    fn etag_is_found_in_a_list() {
        let tag = HeaderValue::from_static("\"a\"");
        for seen in ["\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(is_among(&tag, &HeaderValue::from_static(seen)), "{seen}");
        }
        for seen in ["a", "\"b\"", ""] {
            assert!(!is_among(&tag, &HeaderValue::from_static(seen)), "{seen}");
        }
    }
}
