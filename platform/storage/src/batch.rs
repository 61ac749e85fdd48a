//! Group commit. SQLite has one writer, and each commit waits for the disk. Transactions that wait for the writer at the same
//! time share one database transaction, each in a savepoint, and one wait for the disk. PostgreSQL groups commits by itself,
//! so each transaction is one of its own there.

use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, watch};

use crate::{Db, Error, Tx};

/// Begins transactions and commits those together that wait at the same time. Clones share the batch.
#[derive(Clone, Debug)]
pub struct Batch {
    db: Db,
    shared: Slot,
}

type Slot = Arc<Mutex<Option<SharedTx>>>;

/// A database transaction with several members.
#[derive(Debug)]
struct SharedTx {
    tx: Tx,
    last: LastMember,
    outcome: watch::Sender<Option<Outcome>>,
}

/// The state of the last member. Ending one member and beginning the next is one statement.
#[derive(Clone, Copy, Debug)]
enum LastMember {
    /// There was no member yet.
    None,
    /// The first member is open. It has no savepoint, since there is nothing before it to roll back to.
    FirstOpen,
    /// The member has been committed, with a savepoint or without.
    Done { is_first: bool },
    /// The member is open; when the next one begins, it was dropped without a commit.
    Open,
}

type Outcome = Result<(), Arc<Error>>;

impl Batch {
    /// Creates a batch. There should be one for each database: a transaction outside of it waits for the writer by itself.
    #[must_use]
    pub fn new(db: Db) -> Self {
        let shared = Slot::default();
        Self { db, shared }
    }

    /// Begins a transaction that may write. Until it ends, its owner must not wait for anything but the database: other
    /// transactions wait for it.
    ///
    /// # Errors
    /// There was no connection in time, or the connection has failed.
    pub async fn begin(&self) -> Result<BatchTx, Error> {
        if let Db::Postgres(_) = self.db {
            return self.db.begin().await.map(Transaction::Own).map(BatchTx);
        }
        let mut slot = Arc::clone(&self.shared).lock_owned().await;
        if slot.is_none() {
            *slot = Some(SharedTx::new(self.db.begin().await?));
            // Transactions that wait for the lock now come before the commit, later ones after it.
            background::spawn("commit", close(Arc::clone(&self.shared)));
        }
        let mut shared = OwnedMutexGuard::map(slot, |slot| slot.as_mut().expect("it was filled above"));
        shared.begin_member().await?;
        Ok(BatchTx(Transaction::Shared(shared)))
    }
}

/// A transaction within a [`Batch`]. Dropped without [`BatchTx::commit`], it is rolled back.
///
/// It may see writes of other members whose commit has not happened yet. Before an answer is given that rests on such reads
/// and must stay true even if the disk fails, commit the member, though it has written nothing.
#[derive(Debug)]
pub struct BatchTx(Transaction);

#[derive(Debug)]
enum Transaction {
    Own(Tx),
    Shared(OwnedMappedMutexGuard<Option<SharedTx>, SharedTx>),
}

impl BatchTx {
    /// Commits, and returns once the commit is on disk.
    ///
    /// # Errors
    /// The database did not confirm the commit; its outcome is unknown.
    pub async fn commit(self) -> Result<(), Error> {
        let mut shared = match self.0 {
            Transaction::Own(tx) => return tx.commit().await,
            Transaction::Shared(shared) => shared,
        };
        shared.last = LastMember::Done {
            is_first: matches!(shared.last, LastMember::FirstOpen),
        };
        let mut outcome = shared.outcome.subscribe();
        drop(shared);
        match outcome.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(Ok(()))) => Ok(()),
            Ok(Some(Err(cause))) => Err(Error::Io(io::Error::other(Arc::clone(cause)))),
            Ok(None) | Err(_) => Err(Error::WorkerCrashed),
        }
    }
}

impl Deref for BatchTx {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        match &self.0 {
            Transaction::Own(tx) => tx,
            Transaction::Shared(shared) => &shared.tx,
        }
    }
}

impl DerefMut for BatchTx {
    fn deref_mut(&mut self) -> &mut Tx {
        match &mut self.0 {
            Transaction::Own(tx) => tx,
            Transaction::Shared(shared) => &mut shared.tx,
        }
    }
}

impl SharedTx {
    fn new(tx: Tx) -> Self {
        let outcome = watch::Sender::new(None);
        Self {
            tx,
            last: LastMember::None,
            outcome,
        }
    }

    async fn begin_member(&mut self) -> Result<(), Error> {
        let sql = match self.last {
            LastMember::None => {
                self.last = LastMember::FirstOpen;
                return Ok(());
            }
            LastMember::FirstOpen => "rollback; begin immediate; savepoint member",
            LastMember::Done { is_first: true } => "savepoint member",
            LastMember::Done { is_first: false } => "release member; savepoint member",
            LastMember::Open => "rollback to member; release member; savepoint member",
        };
        crate::execute!(&mut self.tx, sql)?;
        self.last = LastMember::Open;
        Ok(())
    }

    async fn commit(mut self) {
        let outcome = match self.last {
            // Nobody waits for it, so it is rolled back.
            LastMember::FirstOpen => return,
            LastMember::Open => match crate::execute!(&mut self.tx, "rollback to member") {
                Ok(_) => self.tx.commit().await,
                Err(error) => Err(error),
            },
            LastMember::None | LastMember::Done { .. } => self.tx.commit().await,
        };
        self.outcome.send_replace(Some(outcome.map_err(Arc::new)));
    }
}

/// Commits the shared transaction. It runs in a task of its own, since the first member's caller may go away.
async fn close(slot: Slot) {
    let mut slot = slot.lock().await;
    // The slot is emptied under the lock: later transactions share the next one.
    if let Some(shared) = slot.take() {
        shared.commit().await;
    }
}
