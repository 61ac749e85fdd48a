//! Calls to other parts: with deadlines, limits and retries, traced, with errors that tell whose fault it was.
//!
//! - **Deadline.** A call never takes longer than its own timeout and its caller's deadline, including all retries and
//!   waiting. The remaining time is passed on to the upstream.
//! - **Retries.** Only idempotent calls are retried (`GET`, `HEAD`, `PUT`, `DELETE`, or with an `Idempotency-Key`), only after
//!   a broken connection, 502, 503 or 504, after pauses with jitter or as long as `Retry-After` says, and only within the
//!   upstream's retry budget. A timeout is not retried, because the caller has no time left; nor is a 500, because it would
//!   fail again; nor a 503 about a part behind the upstream, because the upstream has retried already.
//! - **Blame.** What cannot be sent, because the address, a header or the body is invalid or too long, is the caller's fault:
//!   nothing is sent. A call with less time than its own timeout, because its caller had no more, says nothing about the
//!   upstream.
//! - **Circuit breaker.** If half of the calls to an upstream fail, it is not called for a while; then one call tries it.
//!   Broken connections and 502 to 504 are failures; an overloaded upstream is not.
//! - **Unresponsive replicas.** An upstream that has not answered a few calls in a row is not called by callers that would not
//!   wait longer than these did. If those calls were safe, it is probed in the background until it answers.
//! - **Replicas.** Calls go to the replica with the fewest calls in flight. Each has a circuit breaker of its own. If one
//!   refuses the connection, another one is called at once, whatever the method, since nothing was sent; if the connection
//!   breaks, only if the call is idempotent. A call that probes a failed replica gets half of the time, so that another one
//!   can still answer.
//! - **Cache.** Responses are cached as the upstream allows (`Cache-Control`), and used when stale if the upstream fails
//!   (`stale-if-error`).
//! - **Concurrency.** The number of concurrent calls to one upstream is limited; others wait within their deadline.

mod address;
mod balancer;
mod batch;
mod breaker;
mod budget;
mod builder;
mod call;
mod error;

mod request;
mod resilience;
mod response_cache;
mod silence;
mod upstream;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use reqwest::Method;

pub use address::BaseUrl;
pub use balancer::{Balancer, ReplicaCall, TriedReplicas, UnresponsiveReplica};
pub use batch::batches;
pub use builder::http_client;
pub use error::{CallError, unanswered};
pub use request::Request;
pub use resilience::Resilience;

use upstream::Upstream;

/// The default timeout of a call.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(2);
/// Kept back from the caller's deadline, so that the caller can still answer after a timeout.
const MARGIN: Duration = Duration::from_millis(20);

/// Headers and body of a successful response.
type Answer = (HeaderMap, bytes::Bytes);

/// A client of one other part. Clones share connections, circuit breakers, retry budget and cache.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: BaseUrl,
    upstream: Arc<Upstream>,
}

impl Client {
    /// Creates a client of `part` at `base`, with a pool of connections. `part` is the name in logs and metrics.
    #[must_use]
    pub fn new(part: &'static str, base: BaseUrl) -> Self {
        let http = http_client()
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

    /// Uses other settings than those of the process.
    #[must_use]
    pub fn resilience(mut self, resilience: Resilience) -> Self {
        self.upstream = Arc::new(Upstream::new(self.upstream.part, &self.base, resilience));
        self
    }

    /// Prepares a request. The path consists of `segments`, each of which is percent-encoded.
    pub fn request(&self, method: Method, segments: &[&str]) -> Request {
        Request::new(self, method, segments)
    }

    /// Prepares a `GET` request.
    pub fn get(&self, segments: &[&str]) -> Request {
        self.request(Method::GET, segments)
    }

    /// Prepares a `POST` request.
    pub fn post(&self, segments: &[&str]) -> Request {
        self.request(Method::POST, segments)
    }

    /// Prepares a `PUT` request.
    pub fn put(&self, segments: &[&str]) -> Request {
        self.request(Method::PUT, segments)
    }

    /// Prepares a `DELETE` request.
    pub fn delete(&self, segments: &[&str]) -> Request {
        self.request(Method::DELETE, segments)
    }
}
