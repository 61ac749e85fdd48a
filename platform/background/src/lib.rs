//! Background work: loops and tasks that no caller waits for.
//!
//! | work | function |
//! |---|---|
//! | rounds with a pause between them: a worker, a sweep | [`Background::every`], [`Background::now_and_every`] |
//! | work without an end: reading a feed, following a table | [`Background::start`] with a [`Work`] |
//! | work of a request that continues after its caller has left | [`spawn`]; in a part `Context::spawn` |
//! | one of several things that a round does at the same time | [`isolate`] |
//!
//! Invariants: no panic and no error ends a loop. Each one is logged with the loop's name and all causes and counted in
//! [`FAILURES`]; the loop then continues after a pause that grows. A loop that has failed five times in a row is in
//! [`failing`] until its next success, and its part is not ready. When the process stops, no new round begins, and
//! [`finished`] waits for the rounds that are running.

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
pub use panic::{Panic, catch_panic, install_panic_hook};
pub use progress::{FAILURES, Progress, ROUNDS, failing};
pub use stop::{finished, is_stopping, running, stop, stopping};
pub use task::{Task, Unfinished, isolate, spawn};

use failure::Crash;
use stop::Running;

/// Any error that can be sent between threads.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The name of a loop or task in logs and metrics.
type Name = Cow<'static, str>;

/// The longest pause after a failure of work that otherwise continues at once.
const MAX_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause after a failure of work that runs seldom.
const MAX_LONG_PAUSE: Duration = Duration::from_mins(1);

/// Work that runs until there is nothing left to do.
pub trait Work: Send + 'static {
    /// Does the work, and calls [`Progress::succeeded`] after each step. It is called again after an error or a panic;
    /// `Ok` ends the loop. When the process stops, the future is dropped at its next await point.
    fn run(&mut self, progress: &Progress) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Releases what others wait for, such as a lease, when the process stops.
    fn release(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// A handle to background work, which is aborted when the last clone is dropped. See [`Background::detach`].
#[derive(Clone, Debug)]
#[must_use = "the work ends when this is dropped"]
pub struct Background(Arc<Guard>);

#[derive(Debug)]
struct Guard {
    work: AbortHandle,
    is_detached: AtomicBool,
}

impl Background {
    /// Starts rounds with `pause` before the first one and after each one.
    pub fn every<F, E>(name: &'static str, pause: Duration, work: impl FnMut() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        Self::spawn(name.into(), run_rounds(name.into(), pause, pause, work))
    }

    /// Starts rounds with the first one at once and `pause` after each one.
    pub fn now_and_every<F, E>(name: &'static str, pause: Duration, work: impl FnMut() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        Self::spawn(name.into(), run_rounds(name.into(), Duration::ZERO, pause, work))
    }

    /// Starts a [`Work`].
    pub fn start(name: impl Into<Cow<'static, str>>, work: impl Work) -> Self {
        let name = name.into();
        Self::spawn(name.clone(), run_work(name, work))
    }

    /// Lets the work continue after the handle is dropped.
    pub fn detach(self) {
        self.0.is_detached.store(true, Ordering::Relaxed);
    }

    #[expect(clippy::disallowed_methods, reason = "the spawned work catches every panic")]
    fn spawn(name: Name, work: impl Future<Output = ()> + Send + 'static) -> Self {
        let running = Running::begin(name);
        let work = async move {
            let _live = running;
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
        // When the process stops, parts are dropped before their last rounds are done.
        if !self.is_detached.load(Ordering::Relaxed) && !is_stopping() {
            self.work.abort();
        }
    }
}

/// A round that has begun is always completed.
async fn run_rounds<F, E>(name: Name, first: Duration, pause: Duration, mut work: impl FnMut() -> F + Send)
where
    F: Future<Output = Result<(), E>> + Send,
    E: Into<BoxError> + Send,
{
    let progress = Progress::new(name, pause.clamp(MAX_PAUSE, MAX_LONG_PAUSE));
    let mut next = first;
    loop {
        tokio::select! {
            biased;
            () = stopping() => return,
            () = sleep(next) => {}
        }
        next = match catch_panic(async { work().await }).await {
            Ok(Ok(())) => {
                progress.succeeded();
                pause
            }
            Ok(Err(error)) => progress.failed(&Crash::Error(Failure::own(error))),
            Err(panic) => progress.failed(&Crash::Panic(panic)),
        };
    }
}

async fn run_work(name: Name, mut work: impl Work) {
    let progress = Progress::new(name.clone(), MAX_PAUSE);
    loop {
        let crash = tokio::select! {
            biased;
            () = stopping() => break,
            outcome = catch_panic(work.run(&progress)) => match outcome {
                Ok(Ok(())) => return,
                Ok(Err(failure)) => Crash::Error(failure),
                Err(panic) => Crash::Panic(panic),
            },
        };
        let pause = progress.failed(&crash);
        tokio::select! {
            () = stopping() => break,
            () = sleep(pause) => {}
        }
    }
    // A panic has been logged, and nothing else can be done about it.
    isolate(name, work.release()).await.ok();
}

#[cfg(test)]
mod tests;
