//! The end of the process: who is told of it, and who is waited for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use tokio::sync::watch;

use crate::Name;

static STOPPING: LazyLock<watch::Sender<bool>> = LazyLock::new(watch::Sender::default);
/// How much work is under way, by its name.
static LIVE: LazyLock<watch::Sender<BTreeMap<Name, usize>>> = LazyLock::new(watch::Sender::default);

/// Tells all loops of this process that it stops. None begins a round any more.
pub fn stop() {
    STOPPING.send_replace(true);
}

/// Whether the process stops: then what takes long is left to who comes next.
#[must_use]
pub fn is_stopping() -> bool {
    *STOPPING.borrow()
}

/// Until the process stops.
pub async fn stopping() {
    let mut stopping = STOPPING.subscribe();
    // The sender stays.
    stopping.wait_for(|is_stopping| *is_stopping).await.ok();
}

/// Until no background work is under way.
pub async fn ended() {
    let mut live = LIVE.subscribe();
    live.wait_for(BTreeMap::is_empty).await.ok();
}

/// The names of the background work that is under way.
#[must_use]
pub fn under_way() -> Vec<Cow<'static, str>> {
    LIVE.borrow().keys().cloned().collect()
}

/// One loop or task, until it ends or is dropped.
#[derive(Debug)]
pub(crate) struct Live(Name);

impl Live {
    pub(crate) fn begin(name: Name) -> Self {
        LIVE.send_modify(|live| *live.entry(name.clone()).or_default() += 1);
        Self(name)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.send_modify(|live| {
            if let Some(count) = live.get_mut(&self.0) {
                *count -= 1;
                if *count == 0 {
                    live.remove(&self.0);
                }
            }
        });
    }
}
