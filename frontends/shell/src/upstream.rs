//! Requests to frontends and BFFs.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use service::{BaseUrl, BoxError, Context, DEADLINE_HEADER};

/// What a browser says that frontends may hear. Everything else stays at the edge.
static REQUEST_HEADERS: [HeaderName; 8] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::USER_AGENT,
    HeaderName::from_static("idempotency-key"),
];

/// What belongs to one connection, or is the shell's own to say.
static DROPPED: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("surrogate-key"),
];

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not in time.
    #[error("no answer in {0:?}")]
    Timeout(Duration),
    /// Not at all.
    #[error("{0}")]
    Unreachable(reqwest::Error),
    /// An answer with a status that does not help.
    #[error("status {0}")]
    Status(StatusCode),
}

/// One request on its way through the shell.
#[derive(Clone, Debug)]
pub struct Request {
    /// How
    pub method: Method,
    /// What: path and query
    pub path: String,
    /// The headers that may pass
    pub headers: HeaderMap,
    /// The body, empty for most
    pub body: Bytes,
}

impl Request {
    /// A browser's request.
    #[must_use]
    pub fn new(method: Method, path: String, browser: &HeaderMap, body: Bytes) -> Self {
        let pass = |(name, value): (&HeaderName, &HeaderValue)| (name.clone(), value.clone());
        let headers = browser
            .iter()
            .filter(|(name, _)| REQUEST_HEADERS.contains(name))
            .map(pass)
            .collect();
        Self {
            method,
            path,
            headers,
            body,
        }
    }

    /// A request for a fragment of the page that this request is for.
    #[must_use]
    pub fn fragment(&self, path: &str) -> Self {
        let mut headers = self.headers.clone();
        for name in [header::CONTENT_TYPE, header::IF_MATCH, header::IF_NONE_MATCH] {
            headers.remove(name);
        }
        Self {
            method: Method::GET,
            path: path.to_owned(),
            headers,
            body: Bytes::new(),
        }
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status
    pub status: StatusCode,
    /// The headers that may pass
    pub headers: HeaderMap,
    /// Its body
    pub body: Bytes,
}

/// The connections to all parts.
#[derive(Clone, Debug)]
pub struct Upstream(reqwest::Client);

impl Upstream {
    /// No connection is open yet.
    pub fn new() -> Result<Self, BoxError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_millis(200));
        Ok(Self(client.build()?))
    }

    /// Sends a request to the part at `base` and waits for the whole answer, `limit` at most.
    pub async fn send(&self, base: &BaseUrl, request: &Request, limit: Duration) -> Result<Answer, Error> {
        let left = Context::current().left(limit);
        let failed = |error: reqwest::Error| match error.is_timeout() {
            true => Error::Timeout(left),
            false => Error::Unreachable(error),
        };
        let response = self
            .0
            .request(request.method.clone(), format!("{base}{}", request.path))
            .timeout(left)
            .headers(request.headers.clone())
            .headers(Context::current().headers())
            .header(DEADLINE_HEADER, left.as_millis().to_string())
            .body(request.body.clone())
            .send()
            .await
            .map_err(failed)?;
        let (status, mut headers) = (response.status(), response.headers().clone());
        for name in &DROPPED {
            headers.remove(name);
        }
        let body = response.bytes().await.map_err(failed)?;
        Ok(Answer { status, headers, body })
    }
}
