//! Which events are being sent, and when those are sent again that have not arrived. In memory: a new process tries all of
//! them at once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use storage::clock;
use tokio::sync::watch;

/// The longest pause between two tries.
const LONGEST_MS: u64 = 60_000;

/// All of them, by number.
#[derive(Clone, Debug)]
pub struct Claims {
    inner: Arc<Mutex<Inner>>,
    first_pause_ms: u64,
    /// Changes whenever one is given back.
    released: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    taken: HashSet<i64>,
    /// How often it was tried, and when it is due.
    put_off: HashMap<i64, (u32, i64)>,
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

    /// Whether an event is the caller's to send.
    pub fn take(&self, number: i64) -> bool {
        self.lock().taken.insert(number)
    }

    /// When an event is sent again, in milliseconds; long ago if it was not sent yet.
    pub fn due(&self, number: i64) -> i64 {
        self.lock().put_off.get(&number).map_or(0, |(_, due)| *due)
    }

    /// It has been tried.
    pub fn release(&self, number: i64, has_arrived: bool) {
        let mut inner = self.lock();
        inner.taken.remove(&number);
        let tries = inner.put_off.remove(&number).map_or(0, |(tries, _)| tries);
        if !has_arrived {
            let due = clock::now().timestamp_millis() + self.pause(tries);
            inner.put_off.insert(number, (tries + 1, due));
        }
        drop(inner);
        self.released.send_modify(|count| *count += 1);
    }

    fn pause(&self, tries: u32) -> i64 {
        let factor = 2_u64.checked_pow(tries).unwrap_or(u64::MAX);
        let pause = self.first_pause_ms.saturating_mul(factor).min(LONGEST_MS);
        i64::try_from(pause).unwrap_or(i64::MAX)
    }

    /// Waits until an event is the caller's to send.
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
    fn pauses_double_to_a_minute() {
        let claims = Claims::new(500);
        let pauses = [0, 1, 2, 6, 7, 64].map(|tries| claims.pause(tries));
        assert_eq!(pauses, [500, 1_000, 2_000, 32_000, 60_000, 60_000]);
    }
}
