//! How a loop gets on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use errors::causes;
use metrics::counter;

use crate::Name;
use crate::failure::{Death, Failure};

/// The counter of what has gone wrong, by `name` and `kind`: `panic` or `error`.
pub const FAILURES: &str = "background_failures_total";
/// The counter of what has gone well, by `name`: one that stands still is a loop that hangs.
pub const ROUNDS: &str = "background_rounds_total";

/// Failures in a row after which a part is not ready.
const MANY: u32 = 5;
/// After the first failure.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The loops that fail again and again.
static FAILING: Mutex<BTreeMap<u64, Name>> = Mutex::new(BTreeMap::new());
static LAST: AtomicU64 = AtomicU64::new(0);

/// The names of the loops in this process that fail again and again.
#[must_use]
pub fn failing() -> Vec<Cow<'static, str>> {
    let mut names: Vec<_> = lock(&FAILING).values().cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How one loop gets on.
#[derive(Debug)]
pub struct Progress {
    name: Name,
    id: u64,
    longest: Duration,
    row: Mutex<Row>,
}

/// Failures in a row.
#[derive(Debug)]
struct Row {
    /// Those that are not a neighbour's
    count: u32,
    pauses: Option<ExponentialBackoff>,
}

impl Progress {
    /// That of a loop whose pauses grow to `longest`.
    pub(crate) fn new(name: Name, longest: Duration) -> Self {
        Self {
            name,
            id: LAST.fetch_add(1, Ordering::Relaxed),
            longest,
            row: Mutex::new(Row { count: 0, pauses: None }),
        }
    }

    /// The loop has got on: what has gone wrong before does not count any more.
    pub fn made(&self) {
        counter!(ROUNDS, "name" => self.name.clone()).increment(1);
        let mut row = lock(&self.row);
        if row.count >= MANY {
            tracing::info!(task = &*self.name, "background work goes on again");
            lock(&FAILING).remove(&self.id);
        }
        *row = Row { count: 0, pauses: None };
    }

    /// Logs and counts what has gone wrong, and gives the pause before the loop goes on.
    pub(crate) fn died(&self, death: &Death) -> Duration {
        let mut row = lock(&self.row);
        if !matches!(death, Death::Error(Failure::Neighbour(_))) {
            row.count = row.count.saturating_add(1);
        }
        tell(&self.name, death, row.count);
        if row.count == MANY {
            lock(&FAILING).insert(self.id, self.name.clone());
        }
        let pauses = row.pauses.get_or_insert_with(|| pauses(self.longest));
        pauses.next().unwrap_or(self.longest)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        lock(&FAILING).remove(&self.id);
    }
}

/// Each twice as long as the one before it, and jitter adds up to as much.
fn pauses(longest: Duration) -> ExponentialBackoff {
    let pauses = ExponentialBuilder::new()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(longest)
        .without_max_times()
        .with_jitter();
    pauses.build()
}

/// Logs and counts what has gone wrong.
pub(crate) fn tell(name: &Name, death: &Death, tries: u32) {
    let task = &**name;
    let kind = match death {
        Death::Panic(panic) => {
            tracing::error!(task, error = causes(panic), tries, "background work panicked");
            "panic"
        }
        Death::Error(Failure::Own(error)) => {
            tracing::error!(task, error = causes(error.as_ref()), tries, "background work failed");
            "error"
        }
        Death::Error(Failure::Neighbour(error)) => {
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
