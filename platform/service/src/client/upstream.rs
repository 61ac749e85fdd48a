//! What all calls to one upstream share: its replicas, retry budget, cache, permits and counters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use errors::Cause;
use metrics::{Counter, Histogram, counter, histogram};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::balancer::{Balancer, ReplicaCall, TriedReplicas};
use super::budget::Budget;
use super::response_cache::ResponseCache;
use super::{Answer, BaseUrl, CallError, Resilience};
use crate::log::causes;
use crate::metrics::{CLIENT_DURATION, CLIENT_REMEMBERED, CLIENT_REQUESTS, CLIENT_RETRIES, record};

/// Another part, as seen by all calls to it.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) part: &'static str,
    pub(super) resilience: Resilience,
    pub(super) budget: Budget,
    pub(super) balancer: Arc<Balancer>,
    pub(super) cache: ResponseCache,
    permits: Semaphore,
    meters: Meters,
}

impl Upstream {
    /// Nothing is known of it yet.
    pub(super) fn new(part: &'static str, base: &BaseUrl, resilience: Resilience) -> Self {
        record();
        let permits = resilience.upstream_concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            part,
            resilience,
            budget: Budget::new(resilience.retry_percent),
            balancer: Arc::new(Balancer::new(part, base, resilience)),
            cache: ResponseCache::new(resilience.client_cache_bytes),
            permits: Semaphore::new(permits),
            meters: Meters::new(part),
        }
    }

    /// Takes a permit and chooses a replica. A call that waits for a permit does so within its own time, and not if every
    /// circuit is open.
    pub(super) async fn acquire(
        &self,
        until: Instant,
        patience: Duration,
        tried: &mut TriedReplicas,
    ) -> Result<(SemaphorePermit<'_>, ReplicaCall<'_>), CallError> {
        let open = || CallError::CircuitOpen(self.part);
        let permit = match self.permits.try_acquire() {
            Ok(permit) => permit,
            Err(_) if self.balancer.is_open(patience, Instant::now()) => return Err(open()),
            Err(_) => match tokio::time::timeout_at(until.into(), self.permits.acquire()).await {
                Ok(Ok(permit)) => permit,
                Ok(Err(_)) | Err(_) => return Err(CallError::Timeout(self.part)),
            },
        };
        let replica = self.balancer.choose(tried, patience, Instant::now()).ok_or_else(open)?;
        Ok((permit, replica))
    }

    /// Counts a call that has ended.
    pub(super) fn count(&self, outcome: &Result<Answer, CallError>, took: Duration) {
        let meters = &self.meters;
        meters.duration.record(took);
        let counter = match outcome {
            Ok(_) => &meters.success,
            Err(error) if error.refusal().is_some() => &meters.refused,
            Err(CallError::Refused(..) | CallError::Malformed(..) | CallError::Invalid(..)) => &meters.error,
            Err(CallError::Timeout(_)) => &meters.timeout,
            Err(CallError::Unreachable(_, unanswered)) => {
                let cause = unanswered.cause().map_or("unknown", Cause::as_str);
                let labels = [("upstream", self.part), ("outcome", "unreachable"), ("cause", cause)];
                return counter!(CLIENT_REQUESTS, &labels).increment(1);
            }
            Err(CallError::CircuitOpen(_)) => &meters.circuit_open,
        };
        counter.increment(1);
    }

    /// A cached response that replaces the call.
    pub(super) fn cached(&self, key: &str) -> Option<Answer> {
        let answer = self.cache.fresh(key, Instant::now())?;
        self.meters.fresh.increment(1);
        Some(answer)
    }

    /// The outcome of a call whose response may be cached: its response, or a stale one if it failed. A refusal by the
    /// upstream is a response, too.
    pub(super) fn or_cached(&self, key: String, outcome: Result<Answer, CallError>) -> Result<Answer, CallError> {
        let now = Instant::now();
        let error = match outcome {
            Ok(answer) => {
                self.cache.store(key, &answer, now);
                return Ok(answer);
            }
            Err(error) if error.refusal().is_some() => return Err(error),
            Err(error) => error,
        };
        let Some(answer) = self.cache.stale(&key, now) else {
            return Err(error);
        };
        tracing::warn!(
            upstream = self.part,
            error = causes(&error),
            "call failed: a stale response is used"
        );
        self.meters.stale.increment(1);
        Ok(answer)
    }

    pub(super) fn count_retry(&self) {
        self.meters.retries.increment(1);
    }
}

#[derive(Debug)]
struct Meters {
    success: Counter,
    refused: Counter,
    error: Counter,
    timeout: Counter,
    circuit_open: Counter,
    fresh: Counter,
    stale: Counter,
    retries: Counter,
    duration: Histogram,
}

impl Meters {
    fn new(upstream: &'static str) -> Self {
        let of = |outcome: &'static str| counter!(CLIENT_REQUESTS, "upstream" => upstream, "outcome" => outcome);
        Self {
            success: of("success"),
            refused: of("refused"),
            error: of("error"),
            timeout: of("timeout"),
            circuit_open: of("circuit_open"),
            fresh: counter!(CLIENT_REMEMBERED, "upstream" => upstream, "age" => "fresh"),
            stale: counter!(CLIENT_REMEMBERED, "upstream" => upstream, "age" => "stale"),
            retries: counter!(CLIENT_RETRIES, "upstream" => upstream),
            duration: histogram!(CLIENT_DURATION, "upstream" => upstream),
        }
    }
}
