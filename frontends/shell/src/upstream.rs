//! Requests to frontends and BFFs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::Url;
use service::{
    Balancer, BaseUrl, BoxError, Cause, Context, DEADLINE_HEADER, Hung, IdempotencyKey, Resilience, Tried, Unanswered,
    causes, unanswered,
};

/// Bytes of an address: what servers are sure to take.
const LONGEST_ADDRESS: usize = 8 * 1024;

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
    /// Never sent: nothing can have such an address. The browser's fault.
    #[error("no such address can be asked for")]
    Invalid,
    /// Not asked, because it has given no answer lately.
    #[error("it hangs")]
    Hung(#[source] Unanswered),
    /// Not in time.
    #[error("no answer in {0:?}")]
    Timeout(Duration, #[source] Unanswered),
    /// Not at all.
    #[error("it cannot be reached")]
    Unreachable(#[source] Unanswered),
    /// An answer with a status that does not help.
    #[error("it answered with {0}")]
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
        let client = service::http_client()
            .pool_idle_timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_millis(200));
        Ok(Self {
            http: client.build()?,
            parts: Arc::default(),
        })
    }

    /// Sends a request to a replica of the part at `base` and waits for the whole answer, `limit` at most. Where a
    /// replica does not take it, the next one is asked; where none answers any more, nobody is.
    pub async fn send(&self, base: &BaseUrl, request: &Request, limit: Duration) -> Result<Answer, Error> {
        let part = self.part(base);
        let until = Instant::now() + Context::current().left(limit);
        let mut tried = Tried::default();
        loop {
            let now = Instant::now();
            let mut left = until.saturating_duration_since(now);
            let replica = part.insist(&mut tried, limit, now).ok_or_else(hung)?;
            // To see whether a replica is back must not cost the request.
            let is_try = replica.is_probe() && request.is_repeatable() && part.has_other(&tried, limit, now);
            if is_try {
                left /= 2;
            }
            let made = self.make(replica.url(), request, left)?;
            let error = match self.exchange(made).await {
                Ok(answer) => {
                    replica.answered();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            if error.is_timeout() && !is_try {
                self.watch(&part, replica.unanswered(left), request);
            } else {
                replica.failed();
            }
            // Without a connection nothing was sent: another one may be told even what cannot be repeated.
            let may_repeat = error.is_connect() || is_try || (!error.is_timeout() && request.is_repeatable());
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

    /// The same; where there is no good answer, that of the `fallback`.
    pub async fn send_or_fall_back(
        &self,
        (base, fallback): (&BaseUrl, Option<&BaseUrl>),
        request: &Request,
        limit: Duration,
        is_good: impl Fn(&Answer) -> bool,
    ) -> Result<Answer, Error> {
        let outcome = self.send(base, request, limit).await;
        let Some(fallback) = fallback else { return outcome };
        let refused;
        let error = match &outcome {
            Ok(answer) if is_good(answer) => return outcome,
            Ok(answer) => {
                refused = Error::Status(answer.status);
                &refused
            }
            Err(error) => error,
        };
        let path = &request.path;
        tracing::warn!(path, upstream = %base, error = causes(error), "a frontend fails: its fallback is asked");
        self.send(fallback, request, limit).await
    }

    /// Asks a replica of the part at `base` for a socket, and gives the head of its answer, which may be a refusal.
    /// Where there is none within `limit`, the next replica is asked: nothing has been done yet.
    pub async fn shake(&self, base: &BaseUrl, request: &Request, limit: Duration) -> Result<reqwest::Response, Error> {
        let part = self.part(base);
        let mut tried = Tried::default();
        loop {
            let replica = part.insist(&mut tried, limit, Instant::now()).ok_or_else(hung)?;
            let made = self.request(replica.url(), request)?;
            // Not the request's own time limit: that would be the socket's.
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
                    // A handshake is no question that could be asked again and again.
                    let _ = replica.unanswered(limit);
                    Error::Timeout(limit, Unanswered::timed_out())
                }
            };
            if !part.has_other(&tried, limit, Instant::now()) {
                return Err(error);
            }
        }
    }

    /// What changes nothing can be asked again and again until there is an answer; else the next request has to try.
    fn watch(&self, part: &Arc<Balancer>, hung: Option<Hung>, request: &Request) {
        let Some(hung) = hung.filter(|_| request.method.is_safe()) else {
            return;
        };
        let (upstream, request) = (self.clone(), Arc::new(request.clone()));
        part.watch(hung, move |url, patience| {
            let (upstream, request) = (upstream.clone(), Arc::clone(&request));
            async move {
                let Ok(made) = upstream.make(&url, &request, patience) else {
                    return false;
                };
                upstream.exchange(made).await.is_err_and(|error| error.is_timeout())
            }
        });
    }

    fn make(&self, replica: &Url, request: &Request, left: Duration) -> Result<reqwest::Request, Error> {
        let mut made = self.request(replica, request)?;
        *made.timeout_mut() = Some(left);
        let millis = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        made.headers_mut().insert(DEADLINE_HEADER, millis.into());
        Ok(made)
    }

    async fn exchange(&self, made: reqwest::Request) -> Result<Answer, reqwest::Error> {
        read(self.http.execute(made).await?).await
    }

    /// What cannot be sent says nothing about whom it was for.
    fn request(&self, replica: &Url, request: &Request) -> Result<reqwest::Request, Error> {
        let base = replica.as_str().trim_end_matches('/');
        let made = self
            .http
            .request(request.method.clone(), format!("{base}{}", request.path))
            .headers(request.headers.clone())
            .headers(Context::current().headers())
            .body(request.body.clone())
            .build();
        let is_sound = |made: &reqwest::Request| made.url().as_str().len() <= LONGEST_ADDRESS;
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
