//! Group commit. redb has one writer, and each commit waits for the disk: changes that come meanwhile share the next
//! transaction, and wait for the disk once, together.

use std::fmt;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{Database, WriteTransaction};
use service::causes;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use crate::error::Error;
use crate::store::Failure;

/// What a change came to: its answer, which is given when the disk has what it has seen, whoever wrote it.
pub struct Done<T> {
    answer: Result<T, Error>,
    has_written: bool,
}

impl<T> Done<T> {
    /// It is written.
    pub fn written(answer: T) -> Self {
        Self {
            answer: Ok(answer),
            has_written: true,
        }
    }

    /// There was nothing to write.
    pub fn unwritten(answer: Result<T, Error>) -> Self {
        Self {
            answer,
            has_written: false,
        }
    }
}

/// The one who writes.
#[derive(Clone, Debug)]
pub struct Writer {
    db: Arc<Database>,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Change>,
    /// Somebody is at it, and looks again before it goes.
    is_served: bool,
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Queue").finish_non_exhaustive()
    }
}

/// Does its part of a transaction; none where that failed, and the transaction with it.
type Change = Box<dyn FnOnce(&WriteTransaction) -> Option<Applied> + Send>;

struct Applied {
    has_written: bool,
    tell: Box<dyn FnOnce(Result<(), Failure>) + Send>,
}

impl Writer {
    pub fn new(db: Arc<Database>) -> Self {
        let queue = Arc::default();
        Self { db, queue }
    }

    /// Does `work` in a transaction that others may share, each of whom sees what those before it did.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<Done<T>, redb::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (tell, told) = oneshot::channel();
        // Whoever has gone away meanwhile is not told.
        let change = move |tx: &WriteTransaction| match work(tx) {
            Ok(Done { answer, has_written }) => Some(Applied {
                has_written,
                tell: Box::new(move |committed| drop(tell.send(committed.map_err(Error::from).and(answer)))),
            }),
            Err(error) => {
                let _ = tell.send(Err(Failure::from(error).into()));
                None
            }
        };
        if self.line_up(Box::new(change)) {
            let writer = self.clone();
            spawn_blocking(move || writer.serve());
        }
        told.await
            .unwrap_or_else(|_| Err(lost("given up with another change").into()))
    }

    /// Whether somebody has to serve the queue.
    fn line_up(&self, change: Change) -> bool {
        let mut queue = self.queue();
        queue.waiting.push(change);
        !mem::replace(&mut queue.is_served, true)
    }

    fn serve(&self) {
        while let Some(changes) = self.next() {
            // Of those that a panic takes along nobody is told anything; those behind are served.
            let _ = catch_unwind(AssertUnwindSafe(|| self.commit(changes)));
        }
    }

    fn next(&self) -> Option<Vec<Change>> {
        let mut queue = self.queue();
        queue.is_served = !queue.waiting.is_empty();
        queue.is_served.then(|| mem::take(&mut queue.waiting))
    }

    /// Whoever is not told hears that nobody will tell.
    fn commit(&self, changes: Vec<Change>) {
        let tx = match self.db.begin_write() {
            Ok(tx) => tx,
            Err(error) => return tracing::error!(error = causes(&error), "no transaction can be begun"),
        };
        let applied = changes.into_iter().map(|change| change(&tx));
        let Some(applied) = applied.collect::<Option<Vec<_>>>() else {
            return;
        };
        let committed = if applied.iter().any(|change| change.has_written) {
            tx.commit().map_err(Arc::new)
        } else {
            Ok(())
        };
        for Applied { tell, .. } in applied {
            tell(committed.clone().map_err(lost));
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As many have it as there are changes.
fn lost(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    redb::Error::from(io::Error::other(cause)).into()
}
