//! The client of frontends and BFFs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::Url;
use service::{
    Balancer, BaseUrl, BoxError, Cause, Context, DEADLINE_HEADER, IdempotencyKey, Resilience, TriedReplicas,
    Unanswered, UnresponsiveReplica, causes, unanswered,
};

/// Bytes of an address that all servers accept.
const MAX_ADDRESS_BYTES: usize = 8 * 1024;

/// Headers of browsers that are passed on. All others stay at the edge.
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

/// Further headers that are passed on if the response is not composed.
static ENCODING_AND_RANGE: [HeaderName; 3] = [header::ACCEPT_ENCODING, header::IF_RANGE, header::RANGE];

/// Headers of responses that belong to one connection, or that the shell sets itself.
static DROPPED_HEADERS: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("surrogate-key"),
];

/// Why there is no usable response.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is invalid, so the request was not sent. The browser's fault.
    #[error("no such address can be asked for")]
    Invalid,
    /// The upstream hangs, so the request was not sent.
    #[error("it hangs")]
    Hung(#[source] Unanswered),
    /// No answer in time.
    #[error("no answer in {0:?}")]
    Timeout(Duration, #[source] Unanswered),
    /// No connection, or no answer.
    #[error("it cannot be reached")]
    Unreachable(#[source] Unanswered),
    /// A response with an error status.
    #[error("it answered with {0}")]
    Status(StatusCode),
}

/// A request to an upstream.
#[derive(Clone, Debug)]
pub struct UpstreamRequest {
    /// Method
    pub method: Method,
    /// Path and query
    pub path: String,
    /// The headers that are passed on
    pub headers: HeaderMap,
    /// The body, usually empty
    pub body: Bytes,
}

impl UpstreamRequest {
    /// The request of a browser.
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

    /// Passes the browser's `Accept-Encoding`, `Range` and `If-Range` on. A response that is not composed is passed on
    /// unchanged, and assets are compressed in advance, better than the shell could do it.
    pub fn pass_on_encoding_and_range(&mut self, browser: &HeaderMap) {
        for name in &ENCODING_AND_RANGE {
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

    /// Whether sending it twice has the same effect as sending it once.
    fn is_repeatable(&self) -> bool {
        self.method.is_idempotent() || self.headers.contains_key(IdempotencyKey::HEADER)
    }
}

/// A complete response of an upstream.
#[derive(Clone, Debug)]
pub struct UpstreamResponse {
    /// Status
    pub status: StatusCode,
    /// The headers that are passed on
    pub headers: HeaderMap,
    /// `Content-Length`, which in a response to `HEAD` is not the length of the body
    pub length: Option<HeaderValue>,
    /// Body
    pub body: Bytes,
}

/// The HTTP client, and the balancers of all parts.
#[derive(Clone, Debug)]
pub struct Upstream {
    http: reqwest::Client,
    parts: Arc<Mutex<HashMap<BaseUrl, Arc<Balancer>>>>,
}

impl Upstream {
    /// Creates the client; no connection is opened yet.
    pub fn new() -> Result<Self, BoxError> {
        let client = service::http_client()
            .pool_idle_timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_millis(200));
        Ok(Self {
            http: client.build()?,
            parts: Arc::default(),
        })
    }

    /// Sends a request to a replica of the part at `base` and waits at most `limit` for the complete response. If a replica does
    /// not accept the request, the next one is tried; if all replicas hang, none is.
    pub async fn send(
        &self,
        base: &BaseUrl,
        request: &UpstreamRequest,
        limit: Duration,
    ) -> Result<UpstreamResponse, Error> {
        let part = self.part(base);
        let until = Instant::now() + Context::current().time_left(limit);
        let mut tried = TriedReplicas::default();
        loop {
            let now = Instant::now();
            let mut left = until.saturating_duration_since(now);
            let replica = part.choose_ignoring_circuits(&mut tried, limit, now).ok_or_else(hung)?;
            // Probing a replica must not make the request fail.
            let is_probe = replica.is_probe() && request.is_repeatable() && part.has_other(&tried, limit, now);
            if is_probe {
                left /= 2;
            }
            let made = self.request_within(replica.url(), request, left)?;
            let error = match self.exchange(made).await {
                Ok(answer) => {
                    replica.answered();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            if error.is_timeout() && !is_probe {
                self.watch(&part, replica.unanswered(left), request);
            } else {
                replica.failed();
            }
            // Without a connection nothing was sent, so that any request can be sent to another replica.
            let may_repeat = error.is_connect() || is_probe || (!error.is_timeout() && request.is_repeatable());
            if !may_repeat || !part.has_other(&tried, limit, Instant::now()) {
                let timed_out = error.is_timeout();
                let unanswered = unanswered(error);
                return Err(if timed_out {
                    Error::Timeout(left, unanswered)
                } else {
                    Error::Unreachable(unanswered)
                });
            }
        }
    }

    /// Sends a request to `base`, and to `fallback` if the response is not good.
    pub async fn send_or_fall_back(
        &self,
        (base, fallback): (&BaseUrl, Option<&BaseUrl>),
        request: &UpstreamRequest,
        limit: Duration,
        is_good: impl Fn(&UpstreamResponse) -> bool,
    ) -> Result<UpstreamResponse, Error> {
        let outcome = self.send(base, request, limit).await;
        let Some(fallback) = fallback else { return outcome };
        let bad_status;
        let error = match &outcome {
            Ok(answer) if is_good(answer) => return outcome,
            Ok(answer) => {
                bad_status = Error::Status(answer.status);
                &bad_status
            }
            Err(error) => error,
        };
        let path = &request.path;
        tracing::warn!(path, upstream = %base, error = causes(error), "a frontend fails: its fallback is asked");
        self.send(fallback, request, limit).await
    }

    /// Sends a WebSocket handshake to a replica of the part at `base`, and returns the head of its response, which may be a
    /// rejection. Without a response within `limit`, the next replica is tried, because a handshake changes nothing.
    pub async fn open_socket(
        &self,
        base: &BaseUrl,
        request: &UpstreamRequest,
        limit: Duration,
    ) -> Result<reqwest::Response, Error> {
        let part = self.part(base);
        let mut tried = TriedReplicas::default();
        loop {
            let replica = part
                .choose_ignoring_circuits(&mut tried, limit, Instant::now())
                .ok_or_else(hung)?;
            let made = self.request(replica.url(), request)?;
            // The request's own timeout would limit the whole lifetime of the socket.
            let error = match tokio::time::timeout(limit, self.http.execute(made)).await {
                Ok(Ok(answer)) => {
                    replica.answered();
                    return Ok(answer);
                }
                Ok(Err(error)) => {
                    replica.failed();
                    Error::Unreachable(unanswered(error))
                }
                Err(_) => {
                    // A handshake cannot be repeated to find out whether the replica is back.
                    let _ = replica.unanswered(limit);
                    Error::Timeout(limit, Unanswered::timed_out())
                }
            };
            if !part.has_other(&tried, limit, Instant::now()) {
                return Err(error);
            }
        }
    }

    /// Repeats a safe request to a replica that hangs, until the replica answers. Other requests are not repeated: the next request tries.
    fn watch(&self, part: &Arc<Balancer>, hung: Option<UnresponsiveReplica>, request: &UpstreamRequest) {
        let Some(hung) = hung.filter(|_| request.method.is_safe()) else {
            return;
        };
        let (upstream, request) = (self.clone(), Arc::new(request.clone()));
        part.watch(hung, move |url, patience| {
            let (upstream, request) = (upstream.clone(), Arc::clone(&request));
            async move {
                let Ok(made) = upstream.request_within(&url, &request, patience) else {
                    return false;
                };
                upstream.exchange(made).await.is_err_and(|error| error.is_timeout())
            }
        });
    }

    fn request_within(
        &self,
        replica: &Url,
        request: &UpstreamRequest,
        left: Duration,
    ) -> Result<reqwest::Request, Error> {
        let mut made = self.request(replica, request)?;
        *made.timeout_mut() = Some(left);
        let millis = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        made.headers_mut().insert(DEADLINE_HEADER, millis.into());
        Ok(made)
    }

    async fn exchange(&self, made: reqwest::Request) -> Result<UpstreamResponse, reqwest::Error> {
        read(self.http.execute(made).await?).await
    }

    /// A request that cannot be built says nothing about the replica.
    fn request(&self, replica: &Url, request: &UpstreamRequest) -> Result<reqwest::Request, Error> {
        let base = replica.as_str().trim_end_matches('/');
        let made = self
            .http
            .request(request.method.clone(), format!("{base}{}", request.path))
            .headers(request.headers.clone())
            .headers(Context::current().headers())
            .body(request.body.clone())
            .build();
        let is_sound = |made: &reqwest::Request| made.url().as_str().len() <= MAX_ADDRESS_BYTES;
        made.ok().filter(is_sound).ok_or(Error::Invalid)
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

fn hung() -> Error {
    let why = "it is not asked for a while";
    Error::Hung(Unanswered::because(Cause::CircuitOpen, why))
}

/// Reads the complete response.
pub(crate) async fn read(response: reqwest::Response) -> Result<UpstreamResponse, reqwest::Error> {
    let (status, mut headers) = (response.status(), response.headers().clone());
    let length = headers.get(header::CONTENT_LENGTH).cloned();
    for name in &DROPPED_HEADERS {
        headers.remove(name);
    }
    let body = response.bytes().await?;
    Ok(UpstreamResponse {
        status,
        headers,
        length,
        body,
    })
}
