//! Work that is done once.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use tokio::task::JoinHandle;

use crate::Name;
use crate::failure::Death;
use crate::panic::caught;
use crate::progress::tell;
use crate::stop::Live;

/// Work did not come to its end, because it panicked or because the process ends.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0} did not come to its end")]
pub struct Unfinished(Name);

/// Work in a task of its own. It goes on when this is dropped.
#[derive(Debug)]
pub struct Task<T> {
    name: Name,
    handle: JoinHandle<Result<T, Unfinished>>,
}

/// Does work in a task of its own, which goes on when who has begun it goes away. A panic is logged and counted under `name`,
/// and told to who waits. A process that stops waits for it.
#[expect(clippy::disallowed_methods, reason = "what it spawns catches every panic")]
pub fn spawn<T: Send + 'static>(
    name: impl Into<Cow<'static, str>>,
    work: impl Future<Output = T> + Send + 'static,
) -> Task<T> {
    let name = name.into();
    let live = Live::begin(name.clone());
    let work = guard(name.clone(), work);
    let work = async move {
        let _live = live;
        work.await
    };
    let handle = tokio::spawn(work);
    Task { name, handle }
}

/// Does work whose panic must not end what else its caller does. The panic is logged and counted under `name`.
///
/// # Errors
/// It panicked.
pub async fn guard<T>(name: impl Into<Cow<'static, str>>, work: impl Future<Output = T>) -> Result<T, Unfinished> {
    let name = name.into();
    caught(work).await.map_err(|panic| {
        tell(&name, &Death::Panic(panic), 1);
        Unfinished(name)
    })
}

impl<T> Task<T> {
    /// Whether it has come to its end.
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
