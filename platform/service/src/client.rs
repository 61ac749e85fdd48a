//! Calls to other parts: bounded in time, traced, with errors that say whose fault it was.

use std::str::FromStr;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Context, DEADLINE_HEADER, IdempotencyKey, Problem};

/// How long a call may take when nothing else is said.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(2);
/// Kept back from the caller's own deadline, so that it can still answer when a call runs out of time.
const MARGIN: Duration = Duration::from_millis(20);

/// The address of another part: `http://host:port`, without a trailing slash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BaseUrl(String);

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = reqwest::Url::parse(text).map_err(|error| format!("{text}: {error}"))?;
        if url.scheme().starts_with("http") && url.has_host() && url.query().is_none() {
            return Ok(Self(text.trim_end_matches('/').to_owned()));
        }
        Err(format!("{text}: not an address such as http://127.0.0.1:4101"))
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why a call gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody there, or the connection broke.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(&'static str, reqwest::Error),
    /// No answer in time. For a write this means: outcome unknown.
    #[error("{0} did not answer in time")]
    Timeout(&'static str),
    /// It answered with an error.
    #[error("{0} refused: {1}")]
    Refused(&'static str, Problem),
    /// It answered with something else than was agreed.
    #[error("{0} gave an answer that cannot be read: {1}")]
    Malformed(&'static str, String),
}

impl CallError {
    /// The problem document of an answer in the 4xx range: the caller's fault, worth passing on.
    #[must_use]
    pub fn refusal(&self) -> Option<&Problem> {
        match self {
            Self::Refused(_, problem) if problem.status().is_client_error() => Some(problem),
            _ => None,
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        if let Some(problem) = error.refusal() {
            return problem.clone();
        }
        tracing::warn!(%error, "call failed");
        let (CallError::Unreachable(part, _)
        | CallError::Timeout(part)
        | CallError::Refused(part, _)
        | CallError::Malformed(part, _)) = error;
        Self::unavailable(part)
    }
}

/// A client of one other part.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    part: &'static str,
    base: BaseUrl,
}

impl Client {
    /// A client of `part` at `base`. Connections are pooled.
    #[must_use]
    pub fn new(part: &'static str, base: BaseUrl) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_millis(500))
            .pool_idle_timeout(Duration::from_secs(30))
            .build()
            .expect("a client without TLS has nothing that can fail");
        Self { http, part, base }
    }

    /// A call of `method` on the path made of `segments`, each of which is escaped.
    pub fn request(&self, method: Method, segments: &[&str]) -> Request {
        let mut url = reqwest::Url::parse(&self.base.0).expect("checked by BaseUrl");
        url.path_segments_mut()
            .expect("http addresses have paths")
            .pop_if_empty()
            .extend(segments);
        Request {
            part: self.part,
            context: Context::current(),
            timeout: DEFAULT_TIMEOUT,
            builder: self.http.request(method, url),
        }
    }

    /// `GET` on the path made of `segments`.
    pub fn get(&self, segments: &[&str]) -> Request {
        self.request(Method::GET, segments)
    }

    /// `POST` on the path made of `segments`.
    pub fn post(&self, segments: &[&str]) -> Request {
        self.request(Method::POST, segments)
    }

    /// `PUT` on the path made of `segments`.
    pub fn put(&self, segments: &[&str]) -> Request {
        self.request(Method::PUT, segments)
    }

    /// `DELETE` on the path made of `segments`.
    pub fn delete(&self, segments: &[&str]) -> Request {
        self.request(Method::DELETE, segments)
    }
}

/// One call that is being made ready.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    part: &'static str,
    context: Context,
    timeout: Duration,
    builder: RequestBuilder,
}

impl Request {
    /// Adds query parameters.
    pub fn query(mut self, query: &impl Serialize) -> Self {
        let text = serde_urlencoded::to_string(query).expect("queries are flat");
        let (client, request) = self.builder.build_split();
        let mut request = request.expect("the address is sound");
        if !text.is_empty() {
            request.url_mut().set_query(Some(&text));
        }
        self.builder = RequestBuilder::from_parts(client, request);
        self
    }

    /// Sets the JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// Names the intent, so that the call can be repeated safely.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header(IdempotencyKey::HEADER, key)
    }

    /// Allows at most this long, and never longer than the caller's own deadline.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends, and reads a JSON answer.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn send<T: DeserializeOwned>(self) -> Result<T, CallError> {
        let part = self.part;
        let body = self.exchange().await?.1;
        serde_json::from_slice(&body).map_err(|error| CallError::Malformed(part, error.to_string()))
    }

    /// Sends, and reads a JSON answer; 404 is `None`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn find<T: DeserializeOwned>(self) -> Result<Option<T>, CallError> {
        match self.send().await {
            Err(CallError::Refused(_, problem)) if problem.status() == StatusCode::NOT_FOUND => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Sends, and reads no answer but its success.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn done(self) -> Result<(), CallError> {
        self.exchange().await.map(drop)
    }

    /// Sends, and gives the headers and the body of a successful answer.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn exchange(self) -> Result<(header::HeaderMap, bytes::Bytes), CallError> {
        let part = self.part;
        let left = self.context.left(self.timeout).saturating_sub(MARGIN);
        if left.is_zero() {
            return Err(CallError::Timeout(part));
        }
        let failed = |error: reqwest::Error| match error.is_timeout() {
            true => CallError::Timeout(part),
            false => CallError::Unreachable(part, error),
        };
        let response = self
            .builder
            .timeout(left)
            .header("traceparent", self.context.traceparent())
            .header(DEADLINE_HEADER, left.as_millis().to_string())
            .send()
            .await
            .map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(failed)?;
        if status.is_client_error() || status.is_server_error() {
            return Err(CallError::Refused(part, problem(status, &body)));
        }
        Ok((headers, body))
    }
}

fn problem(status: StatusCode, body: &[u8]) -> Problem {
    serde_json::from_slice(body).unwrap_or_else(|_| Problem::new(status, "unknown", "Error without a problem document"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_escaped() {
        let client = Client::new("other", "http://127.0.0.1:1/".parse().unwrap());
        let request = client.get(&["things", "../a b/?x"]).builder.build().unwrap();
        assert_eq!(request.url().as_str(), "http://127.0.0.1:1/things/..%2Fa%20b%2F%3Fx");
    }

    #[test]
    fn addresses_are_checked() {
        assert!("ftp://x".parse::<BaseUrl>().is_err());
        assert!("127.0.0.1:1".parse::<BaseUrl>().is_err());
        assert_eq!("http://a:1/".parse::<BaseUrl>().unwrap().to_string(), "http://a:1");
    }
}
