//! Calls to other parts: bounded in time, in number and in retries, traced, with errors that say whose fault it was.
//!
//! - **Deadline.** A call never takes longer than its own timeout nor than what its caller will wait, all retries
//!   and waiting included, and tells the upstream what is left.
//! - **Retries.** Only what can be repeated is (`GET`, `HEAD`, `PUT`, `DELETE`, or whatever has an
//!   `Idempotency-Key`), only after a broken connection, 502, 503 or 504, after pauses with jitter or what
//!   `Retry-After` says, and only while the upstream's budget lasts. A hung upstream is never tried again, because
//!   its caller's patience is spent; a 500 neither, because it would be 500 again; nor a 503 that the upstream wrote
//!   about a part behind it, because it has tried already.
//! - **Blame.** What cannot be sent, because an address, a header or a body is not allowed or too long, is the caller's
//!   fault: nobody is called. A call that had less time than its own timeout, because its caller had no more, says
//!   nothing about the upstream.
//! - **Circuit.** An upstream of whose calls half fail is not called for a moment; then one call tries it. Broken
//!   connections and 502 to 504 count as failures; that it has more to do than it can does not.
//! - **Silence.** An upstream that gives no answer to a few calls in a row is not called by those who would wait no longer
//!   than these did. Where they were safe to repeat, it is tried in the background until it answers, at nobody's cost.
//! - **Replicas.** Calls are spread over an upstream's addresses: to the one with the fewest calls in flight. Each has
//!   a circuit of its own. Where one refuses the connection, another is called at once, whatever the method, for
//!   nothing was sent; where the connection breaks, if the call can be repeated. One that is tried again after it
//!   failed has half of the time, so that another one can still answer.
//! - **Memory.** What an upstream allows to be used again (`Cache-Control`) spares the call while it is fresh, and
//!   stands in where the upstream fails (`stale-if-error`).
//! - **Places.** At most so many calls to one upstream at the same time; the others wait, within their deadline.

mod address;
mod balancer;
mod batch;
mod breaker;
mod budget;
mod builder;
mod call;
mod error;
mod memory;
mod request;
mod resilience;
mod silence;
mod upstream;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use reqwest::Method;

pub use address::BaseUrl;
pub use balancer::{Balancer, Choice, Hung, Tried};
pub use batch::batches;
pub use builder::http_client;
pub use error::{CallError, unanswered};
pub use request::Request;
pub use resilience::Resilience;

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

    /// Bears failure otherwise than the process' settings say.
    #[must_use]
    pub fn resilience(mut self, resilience: Resilience) -> Self {
        self.upstream = Arc::new(Upstream::new(self.upstream.part, &self.base, resilience));
        self
    }

    /// A call of `method` on the path made of `segments`, each of which is escaped.
    pub fn request(&self, method: Method, segments: &[&str]) -> Request {
        Request::new(self, method, segments)
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
