//! Work that nobody has asked for.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

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
