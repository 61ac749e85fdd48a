//! Tasks: work that is done once.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use tokio::task::JoinHandle;

use crate::Name;
use crate::failure::Crash;
use crate::panic::catch_panic;
use crate::progress::report;
use crate::stop::Running;

/// The work did not finish, because it panicked or because the process ended.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0} did not finish")]
pub struct Unfinished(Name);

/// A handle to work in a task of its own. The work continues when the handle is dropped.
#[derive(Debug)]
pub struct Task<T> {
    name: Name,
    handle: JoinHandle<Result<T, Unfinished>>,
}

/// Runs work in a task of its own, which continues when the caller goes away. A panic is logged and counted under `name` and
/// returned to whoever awaits the task. A process that stops waits for the task.
#[expect(clippy::disallowed_methods, reason = "the spawned work catches every panic")]
pub fn spawn<T: Send + 'static>(
    name: impl Into<Cow<'static, str>>,
    work: impl Future<Output = T> + Send + 'static,
) -> Task<T> {
    let name = name.into();
    let running = Running::begin(name.clone());
    let work = isolate(name.clone(), work);
    let work = async move {
        let _live = running;
        work.await
    };
    let handle = tokio::spawn(work);
    Task { name, handle }
}

/// Runs work so that a panic in it does not reach the caller. The panic is logged and counted under `name`.
///
/// # Errors
/// The work panicked.
pub async fn isolate<T>(name: impl Into<Cow<'static, str>>, work: impl Future<Output = T>) -> Result<T, Unfinished> {
    let name = name.into();
    catch_panic(work).await.map_err(|panic| {
        report(&name, &Crash::Panic(panic), 1);
        Unfinished(name)
    })
}

impl<T> Task<T> {
    /// Returns whether the work has finished.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, Unfinished>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let joined = self.handle.poll_unpin(context);
        joined.map(|joined| joined.unwrap_or_else(|_| Err(Unfinished(self.name.clone()))))
    }
}
