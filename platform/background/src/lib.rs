//! Background work: what goes on although no caller waits for it.
//!
//! | what | how |
//! |---|---|
//! | rounds, each so long after the last: a worker, a sweep | [`Background::every`], [`Background::upkeep`] |
//! | work that has no end: it reads a feed, follows a table | [`Background::start`] with a [`Work`] |
//! | a request's work that goes on when its caller has left | [`spawn`]; in a part `Context::spawn` |
//! | one of many things that a round does at the same time | [`guard`] |
//!
//! Invariants: no panic and no error ends a loop. Each is logged with the loop's name and all its causes and counted in
//! [`FAILURES`]; then the loop goes on after a pause that grows. A loop that has failed five times in a row is among the
//! [`failing`] until it has got on again, and its part is not ready. When the process stops, no round is begun any more, and
//! those under way are waited for ([`ended`]).

#![warn(missing_docs)]

mod failure;
mod panic;
mod progress;
mod stop;
mod task;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::sleep;

pub use failure::Failure;
pub use panic::{Panic, caught, watch};
pub use progress::{FAILURES, Progress, ROUNDS, failing};
pub use stop::{ended, is_stopping, stop, stopping, under_way};
pub use task::{Task, Unfinished, guard, spawn};

use failure::Death;
use stop::Live;

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What loops and tasks are called in logs and metrics.
type Name = Cow<'static, str>;

/// The longest pause after a failure of what would go on at once.
const PATIENCE: Duration = Duration::from_secs(2);
/// The longest pause after a failure of what is seldom done.
const LONG_PATIENCE: Duration = Duration::from_mins(1);

/// Work that goes on for as long as there is something to do.
pub trait Work: Send + 'static {
    /// Goes on, and tells `progress` whenever it has got on. After an error or a panic it is called again; where it ends
    /// well, there is nothing more to do. It is dropped wherever it waits when the process stops.
    fn run(&mut self, progress: &Progress) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Gives back what others wait for, when the process stops.
    fn release(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Work that goes on until the last clone of this is dropped.
#[derive(Clone, Debug)]
#[must_use = "the work ends when this is dropped"]
pub struct Background(Arc<Guard>);

#[derive(Debug)]
struct Guard {
    work: AbortHandle,
    is_detached: AtomicBool,
}

impl Background {
    /// Starts rounds, the first one after a pause, and each so long after the last.
    pub fn every<F, E>(name: &'static str, pause: Duration, work: impl FnMut() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        Self::spawn(name.into(), go_round(name.into(), pause, pause, work))
    }

    /// Starts upkeep: rounds, the first one at once, and each so long after the last.
    pub fn upkeep<F, E>(name: &'static str, pause: Duration, work: impl FnMut() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        Self::spawn(name.into(), go_round(name.into(), Duration::ZERO, pause, work))
    }

    /// Starts work that goes on by itself.
    pub fn start(name: impl Into<Cow<'static, str>>, work: impl Work) -> Self {
        let name = name.into();
        Self::spawn(name.clone(), go_on(name, work))
    }

    /// Lets the work go on until it ends by itself.
    pub fn detach(self) {
        self.0.is_detached.store(true, Ordering::Relaxed);
    }

    #[expect(clippy::disallowed_methods, reason = "what it spawns catches every panic")]
    fn spawn(name: Name, work: impl Future<Output = ()> + Send + 'static) -> Self {
        let live = Live::begin(name);
        let work = async move {
            let _live = live;
            work.await;
        };
        Self(Arc::new(Guard {
            work: tokio::spawn(work).abort_handle(),
            is_detached: AtomicBool::new(false),
        }))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A process that stops lets go of its parts before the last rounds are done.
        if !self.is_detached.load(Ordering::Relaxed) && !is_stopping() {
            self.work.abort();
        }
    }
}

/// A round that has begun is done.
async fn go_round<F, E>(name: Name, first: Duration, pause: Duration, mut work: impl FnMut() -> F + Send)
where
    F: Future<Output = Result<(), E>> + Send,
    E: Into<BoxError> + Send,
{
    let progress = Progress::new(name, pause.clamp(PATIENCE, LONG_PATIENCE));
    let mut next = first;
    loop {
        tokio::select! {
            biased;
            () = stopping() => return,
            () = sleep(next) => {}
        }
        next = match caught(async { work().await }).await {
            Ok(Ok(())) => {
                progress.made();
                pause
            }
            Ok(Err(error)) => progress.died(&Death::Error(Failure::own(error))),
            Err(panic) => progress.died(&Death::Panic(panic)),
        };
    }
}

async fn go_on(name: Name, mut work: impl Work) {
    let progress = Progress::new(name.clone(), PATIENCE);
    loop {
        let death = tokio::select! {
            biased;
            () = stopping() => break,
            outcome = caught(work.run(&progress)) => match outcome {
                Ok(Ok(())) => return,
                Ok(Err(failure)) => Death::Error(failure),
                Err(panic) => Death::Panic(panic),
            },
        };
        let pause = progress.died(&death);
        tokio::select! {
            () = stopping() => break,
            () = sleep(pause) => {}
        }
    }
    // A panic was logged, and there is nothing else to do about it.
    guard(name, work.release()).await.ok();
}

#[cfg(test)]
mod tests;
