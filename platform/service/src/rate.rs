//! Rate limits by key, for example for attempts with passwords or cards, or new accounts of a client.

use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{NotUntil, Quota};
use metrics::{Counter, counter};
use moka::sync::Cache;

use crate::metrics::{RATE_REFUSED, record};
use crate::{Context, Problem};

/// Maximum number of keys in memory. Beyond it, the least used keys are forgotten.
const KEYS: u64 = 65_536;

/// A rate limit for each key: a number of times at once, then again as time passes
/// ([GCRA](https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm), by `governor`). Clones share the counts.
///
/// Each process counts by itself: with two replicas, a key may do twice as much. A key that was not used for the whole time is
/// forgotten, and no more than 65,536 keys are kept.
///
/// - To limit all attempts, call [`check`](Self::check) before each of them.
/// - To limit failed attempts only, call [`peek`](Self::peek) before an attempt and [`count`](Self::count) after a failure:
///   many customers behind one address are not limited then.
pub struct RateLimiter<K: Key>(Arc<Inner<K>>);

/// A key to count by, such as an address or a name.
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Key for K {}

struct Inner<K: Key> {
    counting: governor::RateLimiter<K, Keys<K>, MonotonicClock>,
    peeking: governor::RateLimiter<K, ReadOnly<K>, MonotonicClock>,
    refused: Counter,
}

impl<K: Key> RateLimiter<K> {
    /// Allows each key `times` (at least one) within `time`. `name` is the label of the metric, for example `declined-cards`.
    #[must_use]
    pub fn new(name: &'static str, times: u32, time: Duration) -> Self {
        record();
        let times = NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN);
        let pace = (time / times.get()).max(Duration::from_nanos(1));
        let quota = Quota::with_period(pace).expect("a pace is not zero").allow_burst(times);
        let keys = Keys::new(time);
        Self(Arc::new(Inner {
            peeking: governor::RateLimiter::new(quota, ReadOnly(keys.clone()), MonotonicClock),
            counting: governor::RateLimiter::new(quota, keys, MonotonicClock),
            refused: counter!(RATE_REFUSED, "rate" => name),
        }))
    }

    /// Counts one attempt.
    ///
    /// # Errors
    /// The limit is exceeded, and the attempt is not counted: 429 `too-many-requests` with `Retry-After`. The caller may
    /// replace the detail.
    pub fn check(&self, key: &K) -> Result<(), Problem> {
        self.0.counting.check_key(key).map_err(|until| self.refusal(&until))
    }

    /// Checks whether another attempt is allowed, without counting it.
    ///
    /// # Errors
    /// See [`check`](Self::check).
    pub fn peek(&self, key: &K) -> Result<(), Problem> {
        self.0.peeking.check_key(key).map_err(|until| self.refusal(&until))
    }

    /// Counts an attempt that has been made already, and so cannot be refused.
    pub fn count(&self, key: &K) {
        self.0.counting.check_key(key).ok();
    }

    fn refusal(&self, until: &NotUntil<std::time::Instant>) -> Problem {
        self.0.refused.increment(1);
        let wait = until.wait_time_from(MonotonicClock.now());
        Problem::too_many_requests(wait)
    }
}

impl RateLimiter<IpAddr> {
    /// [`check`](Self::check) for the client of the current request. Passes if there is none.
    ///
    /// # Errors
    /// See [`check`](Self::check).
    pub fn check_client(&self) -> Result<(), Problem> {
        Context::current()
            .client_network()
            .map_or(Ok(()), |client| self.check(&client))
    }

    /// [`peek`](Self::peek) for the client of the current request.
    ///
    /// # Errors
    /// See [`check`](Self::check).
    pub fn peek_client(&self) -> Result<(), Problem> {
        Context::current()
            .client_network()
            .map_or(Ok(()), |client| self.peek(&client))
    }

    /// [`count`](Self::count) for the client of the current request.
    pub fn count_client(&self) {
        if let Some(client) = Context::current().client_network() {
            self.count(&client);
        }
    }
}

impl<K: Key> Clone for RateLimiter<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Key> fmt::Debug for RateLimiter<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RateLimiter").finish_non_exhaustive()
    }
}

/// The state of each key, in bounded memory.
#[derive(Clone)]
struct Keys<K>(Cache<K, Arc<InMemoryState>>);

impl<K: Key> Keys<K> {
    fn new(time: Duration) -> Self {
        Self(Cache::builder().max_capacity(KEYS).time_to_idle(time).build())
    }
}

impl<K: Key> StateStore for Keys<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let state = self.0.get_with_by_ref(key, Arc::default);
        state.measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

/// The same states, read without changing them.
struct ReadOnly<K>(Keys<K>);

impl<K: Key> StateStore for ReadOnly<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let Some(state) = self.0.0.get(key) else {
            return decide(None).map(|(outcome, _)| outcome);
        };
        let unchanged = |seen: Option<Nanos>| decide(seen).map(|(outcome, _)| (outcome, seen.unwrap_or_default()));
        state.measure_and_replace(&NotKeyed::NonKey, unchanged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn each_key_is_limited_by_itself() {
        let rate = RateLimiter::new("test", 2, HOUR);
        for key in ["a", "b"] {
            assert!(rate.check(&key).is_ok() && rate.check(&key).is_ok());
            let problem = rate.check(&key).unwrap_err();
            assert_eq!((problem.status, problem.kind()), (429, "too-many-requests"));
        }
    }

    #[test]
    fn peeking_does_not_count() {
        let rate = RateLimiter::new("test", 1, HOUR);
        for _ in 0..9 {
            assert!(rate.peek(&"a").is_ok());
        }
        rate.count(&"a");
        assert!(rate.peek(&"a").is_err() && rate.check(&"a").is_err());
        assert!(rate.peek(&"b").is_ok());
    }

    #[test]
    fn refusal_tells_when_to_retry() {
        let rate = RateLimiter::new("test", 3, HOUR);
        let refusals = [(); 9].map(|()| rate.check(&"a"));
        let refusal = refusals.into_iter().find_map(Result::err).unwrap();
        // One of the three attempts is allowed again after a third of the time.
        assert!(refusal.detail.contains("20 minutes"), "{refusal}");
    }

    #[test]
    fn number_of_keys_is_bounded() {
        let keys = Keys::new(HOUR);
        for key in 0..KEYS * 2 {
            let counted = keys.measure_and_replace(&key, |_| Ok::<_, ()>(((), Nanos::new(1))));
            assert_eq!(counted, Ok(()));
        }
        keys.0.run_pending_tasks();
        assert!(keys.0.entry_count() <= KEYS, "{}", keys.0.entry_count());
    }
}
