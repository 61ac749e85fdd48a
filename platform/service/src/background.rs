//! Work that nobody has asked for.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::BoxError;
use crate::log::causes;

/// Work that goes on beside the answers, until the last clone of this is dropped.
#[derive(Clone, Debug)]
pub struct Background(#[expect(dead_code, reason = "it only has to be dropped")] Arc<Guard>);

#[derive(Debug)]
struct Guard(AbortHandle);

impl Background {
    /// Starts it.
    pub fn start(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Arc::new(Guard(tokio::spawn(work).abort_handle())))
    }

    /// Starts upkeep: done at once, and again each time so long after the last. What fails is logged as `what`, and tried the
    /// next time.
    pub fn upkeep<F, E>(what: &'static str, pause: Duration, mut work: impl FnMut() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<(), E>> + Send,
        E: Into<BoxError> + Send,
    {
        Self::start(async move {
            loop {
                if let Err(error) = work().await {
                    tracing::error!(task = what, error = causes(&*error.into()), "upkeep failed");
                }
                tokio::time::sleep(pause).await;
            }
        })
    }

    /// Starts what is done again and again, each time so long after the last.
    pub fn every<F: Future<Output = ()> + Send>(pause: Duration, mut work: impl FnMut() -> F + Send + 'static) -> Self {
        Self::start(async move {
            loop {
                tokio::time::sleep(pause).await;
                work().await;
            }
        })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn upkeep_begins_at_once_and_goes_on_after_a_failure() {
        let (sender, mut receiver) = mpsc::channel(1);
        let _upkeep = Background::upkeep("nothing", Duration::from_millis(1), move || {
            let sender = sender.clone();
            async move { sender.send(()).await.map_or(Ok(()), |()| Err("in vain")) }
        });
        for _ in 0..3 {
            receiver.recv().await.unwrap();
        }
    }

    #[tokio::test]
    async fn it_goes_on_until_the_last_clone_is_dropped() {
        let (sender, mut receiver) = mpsc::channel(1);
        let pause = Duration::from_millis(1);
        let first = Background::every(pause, move || {
            let sender = sender.clone();
            async move { sender.send(()).await.unwrap_or_default() }
        });
        let second = first.clone();
        drop(first);
        for _ in 0..3 {
            receiver.recv().await.unwrap();
        }
        drop(second);
        while receiver.recv().await.is_some() {}
    }
}
