//! Preparing a call. What cannot be sent is the caller's fault: nothing is sent, nothing is retried, and the circuit breaker
//! is not told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::Call;
use super::response_cache::ResponseCache;
use super::upstream::Upstream;
use super::{BaseUrl, CallError, Client, DEFAULT_TIMEOUT, MARGIN};
use crate::log::causes;
use crate::{Context, IdempotencyKey, Problem};

/// Bytes of a URL, at most: what servers and proxies have to support
/// ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-4.1-5)).
pub(super) const MAX_URL_BYTES: usize = 8 * 1024;
/// Bytes of all headers together, at most.
const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Bytes of a body, at most: more than any of our parts accepts.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// A call that is being prepared.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    http: reqwest::Client,
    upstream: Arc<Upstream>,
    context: Context,
    timeout: Duration,
    made: Result<reqwest::Request, Problem>,
}

impl Request {
    pub(super) fn new(client: &Client, method: Method, segments: &[&str]) -> Self {
        Self {
            http: client.http.clone(),
            upstream: Arc::clone(&client.upstream),
            context: Context::current(),
            timeout: DEFAULT_TIMEOUT,
            made: address(&client.base, segments).map(|url| reqwest::Request::new(method, url)),
        }
    }

    /// Adds query parameters.
    pub fn query(self, query: &impl Serialize) -> Self {
        self.with(|request| {
            let text = serde_urlencoded::to_string(query)
                .map_err(|error| invalid(format!("The query cannot be written: {}.", errors::chain(&error))))?;
            let before = request.url().query().unwrap_or_default();
            let both: Vec<_> = [before, &text].into_iter().filter(|part| !part.is_empty()).collect();
            let both = Some(both.join("&")).filter(|both| !both.is_empty());
            request.url_mut().set_query(both.as_deref());
            Ok(())
        })
    }

    /// Sets the JSON body.
    pub fn json(self, body: &impl Serialize) -> Self {
        self.with(|request| {
            let body = serde_json::to_vec(body)
                .map_err(|error| invalid(format!("The body cannot be written: {}.", errors::chain(&error))))?;
            check_length("The body", body.len(), MAX_BODY_BYTES)?;
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            *request.body_mut() = Some(body.into());
            Ok(())
        })
    }

    /// Sets a header.
    pub fn header(self, name: &str, value: impl TryInto<HeaderValue>) -> Self {
        self.with(|request| {
            let parsed = HeaderName::try_from(name).ok().zip(value.try_into().ok());
            let (key, value) = parsed.ok_or_else(|| invalid(format!("{name} is not a header.")))?;
            request.headers_mut().insert(key, value);
            Ok(())
        })
    }

    /// Sets the `Idempotency-Key`, so that the call may be retried whatever its method.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header(IdempotencyKey::HEADER, key)
    }

    /// Sets the timeout of the whole call, by default two seconds. The caller's own deadline applies, too.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends the request and deserializes the JSON response.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn send<T: DeserializeOwned>(self) -> Result<T, CallError> {
        let part = self.upstream.part;
        let body = self.exchange().await?.1;
        serde_json::from_slice(&body).map_err(|error| CallError::Malformed(part, error.into()))
    }

    /// Sends the request and deserializes the JSON response; 404 is `None`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn find<T: DeserializeOwned>(self) -> Result<Option<T>, CallError> {
        match self.send().await {
            Err(CallError::Refused(_, problem)) if problem.status() == StatusCode::NOT_FOUND => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Sends the request and ignores the body of the response.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn done(self) -> Result<(), CallError> {
        self.exchange().await.map(drop)
    }

    /// Sends the request and returns headers and body of the response.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn exchange(self) -> Result<(HeaderMap, bytes::Bytes), CallError> {
        let part = self.upstream.part;
        let request = self.made.and_then(checked).map_err(|problem| {
            tracing::debug!(upstream = part, error = causes(&problem), "a call cannot be made");
            CallError::Invalid(part, Box::new(problem))
        })?;
        let key = ResponseCache::key(&request);
        if let Some(answer) = key.as_ref().and_then(|key| self.upstream.cached(key)) {
            return Ok(answer);
        }
        let left = self.context.time_left(self.timeout).saturating_sub(MARGIN);
        if left.is_zero() {
            return Err(CallError::Timeout(part));
        }
        let call = Call {
            http: &self.http,
            upstream: &self.upstream,
            context: &self.context,
            patience: self.timeout.saturating_sub(MARGIN),
            until: Instant::now() + left,
        };
        if let Some(key) = key {
            return self.upstream.or_cached(key, Box::pin(call.make(request)).await);
        }
        let (url, is_safe) = (request.url().clone(), request.method().is_safe());
        let answer = Box::pin(call.make(request)).await?;
        if !is_safe {
            self.upstream.cache.invalidate(&url);
        }
        Ok(answer)
    }

    fn with(mut self, change: impl FnOnce(&mut reqwest::Request) -> Result<(), Problem>) -> Self {
        if let Ok(request) = &mut self.made
            && let Err(problem) = change(request)
        {
            self.made = Err(problem);
        }
        self
    }
}

/// The URL of a path. Each segment is escaped and stays one segment: dots are no way up, and the URL standard removes tabs
/// and line breaks, which could make dots of something else.
fn address(base: &BaseUrl, segments: &[&str]) -> Result<Url, Problem> {
    let is_segment = |text: &&str| !matches!(*text, "" | "." | "..") && !text.contains(char::is_control);
    if let Some(wrong) = segments.iter().find(|segment| !is_segment(segment)) {
        return Err(invalid(format!("{wrong:?} cannot be a segment of a path.")));
    }
    let mut url = base.urls()[0].clone();
    url.path_segments_mut()
        .expect("http addresses have paths")
        .pop_if_empty()
        .extend(segments);
    Ok(url)
}

fn checked(request: reqwest::Request) -> Result<reqwest::Request, Problem> {
    check_length("The address", request.url().as_str().len(), MAX_URL_BYTES)?;
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len()).sum();
    check_length("The headers", headers, MAX_HEADER_BYTES)?;
    Ok(request)
}

fn check_length(what: &str, length: usize, longest: usize) -> Result<(), Problem> {
    if length <= longest {
        Ok(())
    } else {
        Err(invalid(format!("{what} would have more than {longest} bytes.")))
    }
}

fn invalid(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-request", "Invalid request").detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> BaseUrl {
        "http://127.0.0.1:1/base/".parse().unwrap()
    }

    #[test]
    fn segments_are_escaped() {
        let url = address(&base(), &["things", "../a b/?x%2e", "ü", "..."]).unwrap();
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:1/base/things/..%2Fa%20b%2F%3Fx%252e/%C3%BC/..."
        );
    }

    #[test]
    fn segments_that_change_the_path_are_refused() {
        for segment in ["", ".", "..", ".\t.", "\n..", "..\r", "\0", "a\u{7f}", "\u{85}"] {
            assert!(address(&base(), &["things", segment]).is_err(), "{segment:?}");
        }
    }

    /// Whatever a segment contains, the number of segments stays the same, also when the URL is parsed again.
    #[test]
    fn each_segment_stays_one_segment() {
        for character in (0..0x300).filter_map(char::from_u32) {
            for segment in [
                format!("{character}"),
                format!(".{character}."),
                format!("{character}.."),
                format!("%2{character}"),
            ] {
                let Ok(url) = address(&base(), &["things", &segment, "end"]) else {
                    continue;
                };
                let path: Vec<_> = url.path_segments().unwrap().collect();
                assert_eq!((path.len(), path[3]), (4, "end"), "{segment:?}");
                assert_eq!(Url::parse(url.as_str()).as_ref(), Ok(&url), "{segment:?}");
            }
        }
    }
}
