//! The end of the process: notifying loops, and waiting for running work.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use tokio::sync::watch;

use crate::Name;

static STOPPING: LazyLock<watch::Sender<bool>> = LazyLock::new(watch::Sender::default);
/// Running work, counted by name.
static RUNNING: LazyLock<watch::Sender<BTreeMap<Name, usize>>> = LazyLock::new(watch::Sender::default);

/// Tells all loops of this process to stop. No loop begins another round.
pub fn stop() {
    STOPPING.send_replace(true);
}

/// Returns whether the process is stopping. Long work should then be left to the next process.
#[must_use]
pub fn is_stopping() -> bool {
    *STOPPING.borrow()
}

/// Waits until the process is told to stop.
pub async fn stopping() {
    let mut stopping = STOPPING.subscribe();
    // The sender is static and never closes.
    stopping.wait_for(|is_stopping| *is_stopping).await.ok();
}

/// Waits until no background work is running.
pub async fn finished() {
    let mut running = RUNNING.subscribe();
    running.wait_for(BTreeMap::is_empty).await.ok();
}

/// The names of the background work that is running.
#[must_use]
pub fn running() -> Vec<Cow<'static, str>> {
    RUNNING.borrow().keys().cloned().collect()
}

/// Counts one loop or task as running until it is dropped.
#[derive(Debug)]
pub(crate) struct Running(Name);

impl Running {
    pub(crate) fn begin(name: Name) -> Self {
        RUNNING.send_modify(|running| *running.entry(name.clone()).or_default() += 1);
        Self(name)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.send_modify(|running| {
            if let Some(count) = running.get_mut(&self.0) {
                *count -= 1;
                if *count == 0 {
                    running.remove(&self.0);
                }
            }
        });
    }
}
