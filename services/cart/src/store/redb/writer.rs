//! Group commit. redb has one writer, and each commit waits for the disk: changes that arrive in the meantime share the
//! next transaction, and wait for the disk together.

use std::fmt;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{Database, WriteTransaction};
use service::causes;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use crate::store::error::StoreError;

/// The result of a change. It is answered when all that the change has read is on disk.
pub struct Outcome<T, E> {
    answer: Result<T, E>,
    has_written: bool,
}

impl<T, E> Outcome<T, E> {
    /// The change was written.
    pub fn written(answer: T) -> Self {
        Self {
            answer: Ok(answer),
            has_written: true,
        }
    }

    /// There was nothing to write.
    pub fn unwritten(answer: Result<T, E>) -> Self {
        Self {
            answer,
            has_written: false,
        }
    }
}

/// The file's single writer.
#[derive(Clone, Debug)]
pub struct Writer {
    db: Arc<Database>,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Write>,
    /// A thread is draining the queue, and looks again before it ends
    is_drained: bool,
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Queue").finish_non_exhaustive()
    }
}

/// Does its part of a transaction. `None` if it failed, and the transaction must not be committed.
type Write = Box<dyn FnOnce(&WriteTransaction) -> Option<Applied> + Send>;

struct Applied {
    has_written: bool,
    answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

impl Writer {
    pub fn new(db: Arc<Database>) -> Self {
        let queue = Arc::default();
        Self { db, queue }
    }

    /// Runs `work` in a transaction that it may share with others. It sees the changes of those before it.
    pub async fn write<T: Send + 'static, E: From<StoreError> + Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<Outcome<T, E>, redb::Error> + Send + 'static,
    ) -> Result<T, E> {
        let (sender, receiver) = oneshot::channel();
        // The receiver may be gone: its request was given up.
        let write = move |tx: &WriteTransaction| match work(tx) {
            Ok(Outcome { answer, has_written }) => Some(Applied {
                has_written,
                answer: Box::new(move |committed| drop(sender.send(committed.map_err(E::from).and(answer)))),
            }),
            Err(error) => {
                let _ = sender.send(Err(StoreError::from(error).into()));
                None
            }
        };
        if self.enqueue(Box::new(write)) {
            let writer = self.clone();
            spawn_blocking(move || writer.drain());
        }
        receiver
            .await
            .unwrap_or_else(|_| Err(lost("rolled back with another change").into()))
    }

    /// Adds a write, and returns whether the caller has to drain the queue.
    fn enqueue(&self, write: Write) -> bool {
        let mut queue = self.queue();
        queue.waiting.push(write);
        !mem::replace(&mut queue.is_drained, true)
    }

    fn drain(&self) {
        while let Some(writes) = self.next() {
            // A panic drops the senders of its transaction, which answers them; later writes go on.
            let _ = catch_unwind(AssertUnwindSafe(|| self.commit(writes)));
        }
    }

    fn next(&self) -> Option<Vec<Write>> {
        let mut queue = self.queue();
        queue.is_drained = !queue.waiting.is_empty();
        queue.is_drained.then(|| mem::take(&mut queue.waiting))
    }

    /// Applies writes in one transaction. A write whose sender is dropped is answered as lost.
    fn commit(&self, writes: Vec<Write>) {
        let tx = match self.db.begin_write() {
            Ok(tx) => tx,
            Err(error) => return tracing::error!(error = causes(&error), "no transaction can be begun"),
        };
        let applied = writes.into_iter().map(|write| write(&tx));
        let Some(applied) = applied.collect::<Option<Vec<_>>>() else {
            return;
        };
        let committed = if applied.iter().any(|write| write.has_written) {
            tx.commit().map_err(Arc::new)
        } else {
            Ok(())
        };
        for Applied { answer, .. } in applied {
            answer(committed.clone().map_err(lost));
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// redb's errors cannot be cloned, and each write of the transaction needs one.
fn lost(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    redb::Error::from(io::Error::other(cause)).into()
}
