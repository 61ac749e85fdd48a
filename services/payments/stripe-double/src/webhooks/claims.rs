//! The events that are being sent, and the times of retries. They are kept in memory: a new process sends all unsent events at
//! once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

const MAX_PAUSE_MS: u64 = 60_000;

/// The events that are being sent, by number.
#[derive(Clone, Debug)]
pub struct Claims {
    inner: Arc<Mutex<Inner>>,
    first_pause_ms: u64,
    /// Changes whenever an event is released
    released: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    taken: HashSet<i64>,
    /// The number of attempts, and the time of the next one
    retries: HashMap<i64, (u32, i64)>,
}

impl Claims {
    pub fn new(first_pause_ms: u64) -> Self {
        Self {
            inner: Arc::default(),
            first_pause_ms: first_pause_ms.max(1),
            released: watch::Sender::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims an event, and returns false if another task has claimed it.
    pub fn take(&self, number: i64) -> bool {
        self.lock().taken.insert(number)
    }

    /// When to send an event, in milliseconds; 0 if it was not sent yet.
    pub fn due(&self, number: i64) -> i64 {
        self.lock().retries.get(&number).map_or(0, |(_, due)| *due)
    }

    /// Releases an event after an attempt.
    pub fn release(&self, number: i64, is_received: bool, now_ms: i64) {
        let mut inner = self.lock();
        inner.taken.remove(&number);
        let tries = inner.retries.remove(&number).map_or(0, |(tries, _)| tries);
        if !is_received {
            let due = now_ms + self.pause(tries);
            inner.retries.insert(number, (tries + 1, due));
        }
        drop(inner);
        self.released.send_modify(|count| *count += 1);
    }

    fn pause(&self, tries: u32) -> i64 {
        let factor = 2_u64.checked_pow(tries).unwrap_or(u64::MAX);
        let pause = self.first_pause_ms.saturating_mul(factor).min(MAX_PAUSE_MS);
        i64::try_from(pause).unwrap_or(i64::MAX)
    }

    /// Waits until an event can be claimed.
    pub async fn wait(&self, number: i64) {
        let mut released = self.released.subscribe();
        while !self.take(number) {
            released.changed().await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_pause_doubles_up_to_a_minute() {
        let claims = Claims::new(500);
        let pauses = [0, 1, 2, 6, 7, 64].map(|tries| claims.pause(tries));
        assert_eq!(pauses, [500, 1_000, 2_000, 32_000, 60_000, 60_000]);
    }
}
