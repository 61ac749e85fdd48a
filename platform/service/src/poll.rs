//! Long polling in standard terms: whoever names the state it has seen (`If-None-Match`) and is willing to wait
//! (`Prefer: wait=20`, [RFC 7240](https://www.rfc-editor.org/rfc/rfc7240#section-4.3)) is answered once there is another.

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

use crate::{Context, Place, Problem, Sockets, pieces};

pub(crate) const PREFER: HeaderName = HeaderName::from_static("prefer");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The longest that an answer is held back.
const LONGEST: Duration = Duration::from_secs(30);
/// How often a thing is looked at though nothing was heard: somebody else may have changed it.
const LOOK: Duration = Duration::from_millis(500);
/// How often at most.
const BREATH: Duration = Duration::from_millis(100);
/// What an answer needs on its way back.
const MARGIN: Duration = Duration::from_millis(250);

/// The [entity tag](https://www.rfc-editor.org/rfc/rfc9110#name-etag) of a state.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tag(HeaderValue);

impl Tag {
    /// That of an answer.
    #[must_use]
    pub fn of_answer(headers: &HeaderMap) -> Option<Self> {
        headers.get(header::ETAG).cloned().map(Self)
    }

    /// As headers have it.
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

/// A `GET` of something that may change, by somebody who may wait for that.
#[derive(Debug)]
pub struct Poll {
    seen: Vec<HeaderValue>,
    wait: Duration,
    until: Instant,
    looked: Instant,
    place: Option<Place>,
}

/// How a contract tells of it: `params(Poll)`.
impl IntoParams for Poll {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = |name: HeaderName, description: &str| {
            let header = ParameterBuilder::new().name(name.as_str());
            let header = header.parameter_in(ParameterIn::Header).required(Required::False);
            let text = ObjectBuilder::new().schema_type(Type::String);
            header.description(Some(description)).schema(Some(text)).build()
        };
        let wait = "`wait=20`: with `if-none-match`, hold the answer back until there is another state, for so many \
            seconds at most (30)";
        vec![
            header(header::IF_NONE_MATCH, "The `etag` of what was seen"),
            header(PREFER, wait),
        ]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Poll {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let Ok(sockets) = Sockets::from_request_parts(parts, state).await;
        let seen: Vec<_> = parts.headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect();
        let wait = wait(&parts.headers).filter(|_| !seen.is_empty()).unwrap_or_default();
        let wait = wait.min(Context::current().left(LONGEST).saturating_sub(MARGIN));
        let now = Instant::now();
        Ok(Self {
            seen,
            wait,
            until: now + wait,
            looked: now,
            place: (!wait.is_zero()).then(|| sockets.wait()).flatten(),
        })
    }
}

impl Poll {
    /// The answer, if there is one by now: the state where it is another than the one that was seen, 304 where the
    /// time is over.
    pub fn answer(&mut self, state: &impl Serialize) -> Option<Response> {
        self.looked = Instant::now();
        let body = match serde_json::to_vec(state) {
            Ok(body) => body,
            Err(error) => return Some(Problem::internal(&error).into_response()),
        };
        let Tag(tag) = Tag::of(&body);
        let is_seen = self.seen.iter().any(|seen| is_among(&tag, seen));
        let is_over = self.place.is_none() || self.looked >= self.until;
        let status = match (is_seen, is_over) {
            (false, _) => StatusCode::OK,
            (true, true) => StatusCode::NOT_MODIFIED,
            (true, false) => return None,
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, tag);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if self.place.is_some() {
            let applied = HeaderValue::try_from(format!("wait={}", self.wait.as_secs()));
            headers.insert(APPLIED, applied.expect("digits are plain"));
        }
        if is_seen {
            return Some((status, headers).into_response());
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Some((status, headers, body).into_response())
    }

    /// Until it is worth to look again: `news` were heard, or some time has passed, or all of it.
    pub async fn wait(&mut self, news: impl Future<Output = ()>) {
        let Some(place) = &mut self.place else { return };
        let news = async {
            news.await;
            sleep_until(self.looked + BREATH).await;
        };
        tokio::select! {
            () = news => {}
            () = sleep_until((self.looked + LOOK).min(self.until)) => {}
            // Whoever waits would only hold up the end.
            () = place.stopping() => self.until = Instant::now(),
        }
    }
}

/// The first `wait` of all preferences, in seconds.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    let mut waits = pieces(headers, PREFER, b',').filter_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("wait")
            .then(|| value.trim().trim_matches('"').parse().ok())
    });
    waits.next().flatten().map(Duration::from_secs)
}

/// [Weakly](https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match): what has been made smaller on the way is the same.
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
    fn who_waits_says_how_long() {
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
    fn one_tag_of_several_is_enough() {
        let tag = HeaderValue::from_static("\"a\"");
        for seen in ["\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(is_among(&tag, &HeaderValue::from_static(seen)), "{seen}");
        }
        for seen in ["a", "\"b\"", ""] {
            assert!(!is_among(&tag, &HeaderValue::from_static(seen)), "{seen}");
        }
    }
}
