//! What the calls to one upstream share: its replicas, its budget of retries, its places and its counters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use errors::Cause;
use metrics::{Counter, Histogram, counter, histogram};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::balancer::{Balancer, Choice, Tried};
use super::budget::Budget;
use super::memory::Memory;
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
    pub(super) memory: Memory,
    places: Semaphore,
    meters: Meters,
}

impl Upstream {
    /// Nothing is known of it yet.
    pub(super) fn new(part: &'static str, base: &BaseUrl, resilience: Resilience) -> Self {
        record();
        let places = resilience.upstream_concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            part,
            resilience,
            budget: Budget::new(resilience.retry_percent),
            balancer: Arc::new(Balancer::new(part, base, resilience)),
            memory: Memory::new(resilience.client_cache_bytes),
            places: Semaphore::new(places),
            meters: Meters::new(part),
        }
    }

    /// Waits for a place, then for nothing. Whoever waits does so at the cost of its own time, and not at all where
    /// every circuit is open.
    pub(super) async fn enter(
        &self,
        until: Instant,
        patience: Duration,
        tried: &mut Tried,
    ) -> Result<(SemaphorePermit<'_>, Choice<'_>), CallError> {
        let open = || CallError::CircuitOpen(self.part);
        let place = match self.places.try_acquire() {
            Ok(place) => place,
            Err(_) if self.balancer.is_open(patience, Instant::now()) => return Err(open()),
            Err(_) => match tokio::time::timeout_at(until.into(), self.places.acquire()).await {
                Ok(Ok(place)) => place,
                Ok(Err(_)) | Err(_) => return Err(CallError::Timeout(self.part)),
            },
        };
        let choice = self.balancer.choose(tried, patience, Instant::now()).ok_or_else(open)?;
        Ok((place, choice))
    }

    /// One call is over, whatever it took.
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

    /// An answer that spares the call.
    pub(super) fn remembered(&self, key: &str) -> Option<Answer> {
        let answer = self.memory.fresh(key, Instant::now())?;
        self.meters.fresh.increment(1);
        Some(answer)
    }

    /// What a call for what may be remembered comes to: its answer, or an older one where it failed. What the upstream
    /// refuses is an answer too.
    pub(super) fn or_remembered(&self, key: String, outcome: Result<Answer, CallError>) -> Result<Answer, CallError> {
        let now = Instant::now();
        let error = match outcome {
            Ok(answer) => {
                self.memory.keep(key, &answer, now);
                return Ok(answer);
            }
            Err(error) if error.refusal().is_some() => return Err(error),
            Err(error) => error,
        };
        let Some(answer) = self.memory.stale(&key, now) else {
            return Err(error);
        };
        tracing::warn!(
            upstream = self.part,
            error = causes(&error),
            "call failed: an older answer is used"
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
