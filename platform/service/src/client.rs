//! Calls to other parts: bounded in time, in number and in retries, traced, with errors that say whose fault it was.
//!
//! - **Deadline.** A call never takes longer than its own timeout nor than what its caller will wait, all retries
//!   and waiting included, and tells the upstream what is left.
//! - **Retries.** Only what can be repeated is (`GET`, `HEAD`, `PUT`, `DELETE`, or whatever has an
//!   `Idempotency-Key`), only after a broken connection, 502, 503 or 504, after pauses with jitter or what
//!   `Retry-After` says, and only while the upstream's budget lasts. A hung upstream is never tried again, because
//!   its caller's patience is spent; a 500 neither, because it would be 500 again; nor a 503 that the upstream wrote
//!   about a part behind it, because it has tried already.
//! - **Circuit.** An upstream of whose calls half fail is not called for a moment; then one call tries it. Time-outs,
//!   broken connections and 502 to 504 count as failures.
//! - **Replicas.** Calls are spread over an upstream's addresses: to the one with the fewest calls in flight. Each has
//!   a circuit of its own. Where one refuses the connection, another is called at once, whatever the method, for
//!   nothing was sent; where the connection breaks, if the call can be repeated. One that is tried again after it
//!   hung has half of the time, so that another one can still answer.
//! - **Memory.** What an upstream allows to be used again (`Cache-Control`) spares the call while it is fresh, and
//!   stands in where the upstream fails (`stale-if-error`).
//! - **Places.** At most so many calls to one upstream at the same time; the others wait, within their deadline.

mod address;
mod balancer;
mod breaker;
mod budget;
mod call;
mod error;
mod memory;
mod resilience;
mod upstream;

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use address::BaseUrl;
pub use balancer::{Balancer, Choice, Tried};
pub use error::CallError;
pub use resilience::Resilience;

use crate::{Context, IdempotencyKey};
use call::Call;
use memory::Memory;
use upstream::Upstream;

/// How long a call may take when nothing else is said.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(2);
/// Kept back from the caller's own deadline, so that it can still answer when a call runs out of time.
const MARGIN: Duration = Duration::from_millis(20);

/// Headers and body of a successful answer.
type Answer = (HeaderMap, bytes::Bytes);

/// A client of one other part. Its clones share connections, circuits, budget and places.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: BaseUrl,
    upstream: Arc<Upstream>,
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
        Self {
            http,
            upstream: Arc::new(Upstream::new(part, &base, Resilience::of_process())),
            base,
        }
    }

    /// Bears failure otherwise than the process' settings say.
    #[must_use]
    pub fn resilience(mut self, resilience: Resilience) -> Self {
        self.upstream = Arc::new(Upstream::new(self.upstream.part, &self.base, resilience));
        self
    }

    /// A call of `method` on the path made of `segments`, each of which is escaped.
    pub fn request(&self, method: Method, segments: &[&str]) -> Request {
        let mut url = self.base.urls()[0].clone();
        url.path_segments_mut()
            .expect("http addresses have paths")
            .pop_if_empty()
            .extend(segments);
        Request {
            upstream: Arc::clone(&self.upstream),
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
    upstream: Arc<Upstream>,
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
        let part = self.upstream.part;
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
    pub async fn exchange(self) -> Result<(HeaderMap, bytes::Bytes), CallError> {
        let (http, request) = self.builder.build_split();
        let part = self.upstream.part;
        let request = request.map_err(|error| CallError::Unreachable(part, error))?;
        let key = Memory::key(&request);
        if let Some(answer) = key.as_ref().and_then(|key| self.upstream.remembered(key)) {
            return Ok(answer);
        }
        let left = self.context.left(self.timeout).saturating_sub(MARGIN);
        if left.is_zero() {
            return Err(CallError::Timeout(part));
        }
        let call = Call {
            http: &http,
            upstream: &self.upstream,
            context: &self.context,
            until: Instant::now() + left,
        };
        if let Some(key) = key {
            return self.upstream.or_remembered(key, Box::pin(call.make(request)).await);
        }
        let (url, is_safe) = (request.url().clone(), request.method().is_safe());
        let answer = Box::pin(call.make(request)).await?;
        if !is_safe {
            self.upstream.memory.forget(&url);
        }
        Ok(answer)
    }
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
}
