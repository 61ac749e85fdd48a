//! Successes and failures of a loop.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use errors::causes;
use metrics::counter;

use crate::Name;
use crate::failure::{Crash, Failure};

/// Counter of failures, with the labels `name` and `kind` (`panic` or `error`).
pub const FAILURES: &str = "background_failures_total";
/// Counter of successes, with the label `name`. If it does not grow, the loop hangs.
pub const ROUNDS: &str = "background_rounds_total";

/// Failures in a row after which a part is not ready.
const FAILING_AFTER: u32 = 5;
/// The pause after the first failure.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The loops that have failed [`FAILING_AFTER`] times in a row.
static FAILING: Mutex<BTreeMap<u64, Name>> = Mutex::new(BTreeMap::new());
static LAST: AtomicU64 = AtomicU64::new(0);

/// The names of the loops in this process that have failed five times in a row, sorted.
#[must_use]
pub fn failing() -> Vec<Cow<'static, str>> {
    let mut names: Vec<_> = lock(&FAILING).values().cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Records the successes and failures of one loop.
#[derive(Debug)]
pub struct Progress {
    name: Name,
    id: u64,
    longest: Duration,
    streak: Mutex<Streak>,
}

/// Failures in a row.
#[derive(Debug)]
struct Streak {
    /// Without failures of neighbours
    count: u32,
    pauses: Option<ExponentialBackoff>,
}

impl Progress {
    /// `longest` is the upper bound of the pauses, without jitter.
    pub(crate) fn new(name: Name, longest: Duration) -> Self {
        Self {
            name,
            id: LAST.fetch_add(1, Ordering::Relaxed),
            longest,
            streak: Mutex::new(Streak { count: 0, pauses: None }),
        }
    }

    /// Records a success: earlier failures do not count any more.
    pub fn succeeded(&self) {
        counter!(ROUNDS, "name" => self.name.clone()).increment(1);
        let mut streak = lock(&self.streak);
        if streak.count >= FAILING_AFTER {
            tracing::info!(task = &*self.name, "background work succeeds again");
            lock(&FAILING).remove(&self.id);
        }
        *streak = Streak { count: 0, pauses: None };
    }

    /// Logs and counts a failure, and returns the pause before the next attempt.
    pub(crate) fn failed(&self, crash: &Crash) -> Duration {
        let mut streak = lock(&self.streak);
        if !matches!(crash, Crash::Error(Failure::Neighbour(_))) {
            streak.count = streak.count.saturating_add(1);
        }
        report(&self.name, crash, streak.count);
        if streak.count == FAILING_AFTER {
            lock(&FAILING).insert(self.id, self.name.clone());
        }
        let pauses = streak.pauses.get_or_insert_with(|| pauses(self.longest));
        pauses.next().unwrap_or(self.longest)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        lock(&FAILING).remove(&self.id);
    }
}

/// Exponential backoff with a factor of two; jitter adds up to as much again.
fn pauses(longest: Duration) -> ExponentialBackoff {
    let pauses = ExponentialBuilder::new()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(longest)
        .without_max_times()
        .with_jitter();
    pauses.build()
}

/// Logs and counts a failure.
pub(crate) fn report(name: &Name, crash: &Crash, tries: u32) {
    let task = &**name;
    let kind = match crash {
        Crash::Panic(panic) => {
            tracing::error!(task, error = causes(panic), tries, "background work panicked");
            "panic"
        }
        Crash::Error(Failure::Own(error)) => {
            tracing::error!(task, error = causes(error.as_ref()), tries, "background work failed");
            "error"
        }
        Crash::Error(Failure::Neighbour(error)) => {
            tracing::warn!(
                task,
                error = causes(error.as_ref()),
                "background work waits for a neighbour"
            );
            "error"
        }
    };
    counter!(FAILURES, "name" => name.clone(), "kind" => kind).increment(1);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
