//! Requests to frontends and BFFs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::Url;
use service::{Balancer, BaseUrl, BoxError, Context, DEADLINE_HEADER, IdempotencyKey, Resilience, Tried};

/// A part that was not given this long says nothing about itself when it runs out of time.
const FAIR_CHANCE: Duration = Duration::from_millis(50);

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

/// What a browser may ask of an answer that is not composed.
static AS_IT_IS: [HeaderName; 3] = [header::ACCEPT_ENCODING, header::IF_RANGE, header::RANGE];

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

    /// Takes the answer as the browser asks for it, in its encodings, in part, or under conditions: what is not composed
    /// passes as it is, and assets were made small ahead of time, smaller than the shell could make them.
    pub fn take_as_it_is(&mut self, browser: &HeaderMap) {
        for name in &AS_IT_IS {
            for value in browser.get_all(name) {
                self.headers.append(name, value.clone());
            }
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

    /// Sending it twice does what sending it once does.
    fn is_repeatable(&self) -> bool {
        self.method.is_idempotent() || self.headers.contains_key(IdempotencyKey::HEADER)
    }
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status
    pub status: StatusCode,
    /// The headers that may pass
    pub headers: HeaderMap,
    /// The length that it tells, which in an answer to `HEAD` is not that of its body
    pub length: Option<HeaderValue>,
    /// Its body
    pub body: Bytes,
}

/// The connections to all parts, and what is known of their replicas.
#[derive(Clone, Debug)]
pub struct Upstream {
    http: reqwest::Client,
    parts: Arc<Mutex<HashMap<BaseUrl, Arc<Balancer>>>>,
}

impl Upstream {
    /// No connection is open yet.
    pub fn new() -> Result<Self, BoxError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_millis(200));
        Ok(Self {
            http: client.build()?,
            parts: Arc::default(),
        })
    }

    /// Sends a request to a replica of the part at `base` and waits for the whole answer, `limit` at most. Where a
    /// replica does not take it, the next one is asked.
    pub async fn send(&self, base: &BaseUrl, request: &Request, limit: Duration) -> Result<Answer, Error> {
        let part = self.part(base);
        let until = Instant::now() + Context::current().left(limit);
        let mut tried = Tried::default();
        loop {
            let now = Instant::now();
            let mut left = until.saturating_duration_since(now);
            let replica = part.insist(&mut tried, now);
            // To see whether a replica still hangs must not cost the request.
            let is_try = replica.is_probe() && request.is_repeatable() && part.has_other(&tried, now);
            if is_try {
                left /= 2;
            }
            let error = match self.exchange(replica.url(), request, left).await {
                Ok(answer) => {
                    replica.settle(true);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            if !error.is_timeout() || left >= FAIR_CHANCE {
                replica.settle(false);
            }
            // Without a connection nothing was sent: another one may be told even what cannot be repeated.
            let may_repeat = error.is_connect() || is_try || (!error.is_timeout() && request.is_repeatable());
            if !may_repeat || !part.has_other(&tried, Instant::now()) {
                return Err(match error.is_timeout() {
                    true => Error::Timeout(left),
                    false => Error::Unreachable(error),
                });
            }
        }
    }

    /// Asks a replica of the part at `base` for a socket, and gives the head of its answer, which may be a refusal.
    /// Where there is none within `limit`, the next replica is asked: nothing has been done yet.
    pub async fn shake(&self, base: &BaseUrl, request: &Request, limit: Duration) -> Result<reqwest::Response, Error> {
        let part = self.part(base);
        let mut tried = Tried::default();
        loop {
            let replica = part.insist(&mut tried, Instant::now());
            // Not the request's own time limit: that would be the socket's.
            let answer = tokio::time::timeout(limit, self.request(replica.url(), request).send()).await;
            replica.settle(matches!(answer, Ok(Ok(_))));
            let error = match answer {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => Error::Unreachable(error),
                Err(_) => Error::Timeout(limit),
            };
            if !part.has_other(&tried, Instant::now()) {
                return Err(error);
            }
        }
    }

    async fn exchange(&self, replica: &Url, request: &Request, left: Duration) -> Result<Answer, reqwest::Error> {
        let request = self.request(replica, request).timeout(left);
        let request = request.header(DEADLINE_HEADER, left.as_millis().to_string());
        read(request.send().await?).await
    }

    fn request(&self, replica: &Url, request: &Request) -> reqwest::RequestBuilder {
        let base = replica.as_str().trim_end_matches('/');
        self.http
            .request(request.method.clone(), format!("{base}{}", request.path))
            .headers(request.headers.clone())
            .headers(Context::current().headers())
            .body(request.body.clone())
    }

    fn part(&self, base: &BaseUrl) -> Arc<Balancer> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = parts.get(base) {
            return Arc::clone(part);
        }
        let part = Arc::new(Balancer::new(&base.to_string(), base, Resilience::of_process()));
        parts.insert(base.clone(), Arc::clone(&part));
        part
    }
}

/// Reads an answer to its end.
pub(crate) async fn read(response: reqwest::Response) -> Result<Answer, reqwest::Error> {
    let (status, mut headers) = (response.status(), response.headers().clone());
    let length = headers.get(header::CONTENT_LENGTH).cloned();
    for name in &DROPPED {
        headers.remove(name);
    }
    let body = response.bytes().await?;
    Ok(Answer {
        status,
        headers,
        length,
        body,
    })
}
