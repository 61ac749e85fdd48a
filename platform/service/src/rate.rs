//! How often one key may do a thing: tries of a password, new accounts of a client.

use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{NotUntil, Quota, RateLimiter};
use metrics::{Counter, counter};
use moka::sync::Cache;

use crate::metrics::{RATE_REFUSED, record};
use crate::{Context, Problem};

/// Keys that are remembered at the same time. Beyond, those that are seen least often are forgotten.
const KEYS: u64 = 65_536;

/// How often one key may do a thing: so many times at once, then again as time passes
/// ([GCRA](https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm), by `governor`). Clones share what they count.
///
/// Each process counts for itself: with two replicas a key may do twice as much. A key that has been quiet for the
/// whole time is forgotten, and no more than 65,536 are ever remembered.
///
/// - What costs as such is counted before: [`check`](Self::check).
/// - What only failure makes suspect is looked at before, [`look`](Self::look), and counted after it has failed,
///   [`count`](Self::count): then an office behind one address can shop in peace.
pub struct Rate<K: Key>(Arc<Inner<K>>);

/// What can be counted by: an address, a name.
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Key for K {}

struct Inner<K: Key> {
    counting: RateLimiter<K, Keys<K>, MonotonicClock>,
    looking: RateLimiter<K, Looking<K>, MonotonicClock>,
    refused: Counter,
}

impl<K: Key> Rate<K> {
    /// A rate of `times` (at least one) within `time`, for each key. `name` is its label in the metrics:
    /// `declined-cards`.
    #[must_use]
    pub fn new(name: &'static str, times: u32, time: Duration) -> Self {
        record();
        let times = NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN);
        let pace = (time / times.get()).max(Duration::from_nanos(1));
        let quota = Quota::with_period(pace).expect("a pace is not zero").allow_burst(times);
        let keys = Keys::new(time);
        Self(Arc::new(Inner {
            looking: RateLimiter::new(quota, Looking(keys.clone()), MonotonicClock),
            counting: RateLimiter::new(quota, keys, MonotonicClock),
            refused: counter!(RATE_REFUSED, "rate" => name),
        }))
    }

    /// Counts one more time.
    ///
    /// # Errors
    /// It is one too many, and is not counted: 429 `too-many-requests` with `Retry-After`. The caller may give it
    /// words of its own.
    pub fn check(&self, key: &K) -> Result<(), Problem> {
        self.0.counting.check_key(key).map_err(|until| self.refusal(&until))
    }

    /// Whether one more time would be too many. Counts nothing.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn look(&self, key: &K) -> Result<(), Problem> {
        self.0.looking.check_key(key).map_err(|until| self.refusal(&until))
    }

    /// Counts one more time of what cannot be refused any more, because it has been done.
    pub fn count(&self, key: &K) {
        self.0.counting.check_key(key).ok();
    }

    fn refusal(&self, until: &NotUntil<std::time::Instant>) -> Problem {
        self.0.refused.increment(1);
        let wait = until.wait_time_from(MonotonicClock.now());
        Problem::too_many_requests(wait)
    }
}

impl Rate<IpAddr> {
    /// [`check`](Rate::check) for the client of the current request; passes where there is none.
    ///
    /// # Errors
    /// As [`check`](Rate::check).
    pub fn check_client(&self) -> Result<(), Problem> {
        Context::current()
            .client_network()
            .map_or(Ok(()), |client| self.check(&client))
    }

    /// [`look`](Rate::look) for the client of the current request.
    ///
    /// # Errors
    /// As [`check`](Rate::check).
    pub fn look_client(&self) -> Result<(), Problem> {
        Context::current()
            .client_network()
            .map_or(Ok(()), |client| self.look(&client))
    }

    /// [`count`](Rate::count) for the client of the current request.
    pub fn count_client(&self) {
        if let Some(client) = Context::current().client_network() {
            self.count(&client);
        }
    }
}

impl<K: Key> Clone for Rate<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Key> fmt::Debug for Rate<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rate").finish_non_exhaustive()
    }
}

/// What is remembered of each key, in bounded memory.
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

/// The same, and leaves it as it is.
struct Looking<K>(Keys<K>);

impl<K: Key> StateStore for Looking<K> {
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
    fn each_key_has_its_own_times() {
        let rate = Rate::new("test", 2, HOUR);
        for key in ["a", "b"] {
            assert!(rate.check(&key).is_ok() && rate.check(&key).is_ok());
            let problem = rate.check(&key).unwrap_err();
            assert_eq!((problem.status, problem.kind()), (429, "too-many-requests"));
        }
    }

    #[test]
    fn looking_counts_nothing() {
        let rate = Rate::new("test", 1, HOUR);
        for _ in 0..9 {
            assert!(rate.look(&"a").is_ok());
        }
        rate.count(&"a");
        assert!(rate.look(&"a").is_err() && rate.check(&"a").is_err());
        assert!(rate.look(&"b").is_ok());
    }

    #[test]
    fn a_refusal_says_when_to_come_back() {
        let rate = Rate::new("test", 3, HOUR);
        let refusals = [(); 9].map(|()| rate.check(&"a"));
        let refusal = refusals.into_iter().find_map(Result::err).unwrap();
        // The first of three comes back after a third of the time.
        assert!(refusal.detail.contains("20 minutes"), "{refusal}");
    }

    #[test]
    fn memory_is_bounded() {
        let keys = Keys::new(HOUR);
        for key in 0..KEYS * 2 {
            let counted = keys.measure_and_replace(&key, |_| Ok::<_, ()>(((), Nanos::new(1))));
            assert_eq!(counted, Ok(()));
        }
        keys.0.run_pending_tasks();
        assert!(keys.0.entry_count() <= KEYS, "{}", keys.0.entry_count());
    }
}
