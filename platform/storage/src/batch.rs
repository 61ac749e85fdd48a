//! Group commit. SQLite has one writer, and each commit waits for the disk: those who wait for the writer meanwhile
//! share the next transaction, each in a savepoint, and wait for the disk once, together. PostgreSQL does the like by
//! itself, so there each has a transaction of its own.

use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, watch};

use crate::{Db, Error, Tx};

/// Begins transactions, and commits together those that wait at the same time. Clones share it.
#[derive(Clone, Debug)]
pub struct Batch {
    db: Db,
    shared: Slot,
}

type Slot = Arc<Mutex<Option<Shared>>>;

/// A transaction of several members.
#[derive(Debug)]
struct Shared {
    tx: Tx,
    last: Last,
    outcome: watch::Sender<Option<Outcome>>,
}

/// What has become of the last member. Ending one and beginning the next is one call of the database.
#[derive(Clone, Copy, Debug)]
enum Last {
    /// There was none.
    None,
    /// The first is at work: it has no savepoint, for before it there is nothing to go back to.
    FirstAtWork,
    /// It is done, with a savepoint or without.
    Done { is_first: bool },
    /// It is at work; whoever finds this finds what it left when it went away half-way.
    AtWork,
}

type Outcome = Result<(), Arc<Error>>;

impl Batch {
    /// One for each database: what does not go through it waits for the writer like any other.
    #[must_use]
    pub fn new(db: Db) -> Self {
        let shared = Slot::default();
        Self { db, shared }
    }

    /// Begins a transaction that may write. Until it ends it must wait for nothing but the database: others wait for it.
    ///
    /// # Errors
    /// No connection in time, or the one there is has failed.
    pub async fn begin(&self) -> Result<Member, Error> {
        if let Db::Postgres(_) = self.db {
            return self.db.begin().await.map(Place::Own).map(Member);
        }
        let mut slot = Arc::clone(&self.shared).lock_owned().await;
        if slot.is_none() {
            *slot = Some(Shared::new(self.db.begin().await?));
            // Those who wait for the lock already come before it, and those who come later after it.
            background::spawn("commit", close(Arc::clone(&self.shared)));
        }
        let mut shared = OwnedMutexGuard::map(slot, |slot| slot.as_mut().expect("filled where it was empty"));
        shared.admit().await?;
        Ok(Member(Place::Shared(shared)))
    }
}

/// A transaction, as far as it can tell its own. Dropped without [`Member::commit`] it is rolled back.
///
/// It may see what others wrote whose commit is still to come. So a refusal that rests on what was read, and that
/// must not be wrong even if the disk fails now, is given after committing nothing.
#[derive(Debug)]
pub struct Member(Place);

#[derive(Debug)]
enum Place {
    Own(Tx),
    Shared(OwnedMappedMutexGuard<Option<Shared>, Shared>),
}

impl Member {
    /// Makes it so, durably.
    ///
    /// # Errors
    /// The database did not confirm; the outcome is unknown.
    pub async fn commit(self) -> Result<(), Error> {
        let mut shared = match self.0 {
            Place::Own(tx) => return tx.commit().await,
            Place::Shared(shared) => shared,
        };
        shared.last = Last::Done {
            is_first: matches!(shared.last, Last::FirstAtWork),
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

impl Deref for Member {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        match &self.0 {
            Place::Own(tx) => tx,
            Place::Shared(shared) => &shared.tx,
        }
    }
}

impl DerefMut for Member {
    fn deref_mut(&mut self) -> &mut Tx {
        match &mut self.0 {
            Place::Own(tx) => tx,
            Place::Shared(shared) => &mut shared.tx,
        }
    }
}

impl Shared {
    fn new(tx: Tx) -> Self {
        let outcome = watch::Sender::new(None);
        Self {
            tx,
            last: Last::None,
            outcome,
        }
    }

    async fn admit(&mut self) -> Result<(), Error> {
        let sql = match self.last {
            Last::None => {
                self.last = Last::FirstAtWork;
                return Ok(());
            }
            Last::FirstAtWork => "rollback; begin immediate; savepoint member",
            Last::Done { is_first: true } => "savepoint member",
            Last::Done { is_first: false } => "release member; savepoint member",
            Last::AtWork => "rollback to member; release member; savepoint member",
        };
        crate::execute!(&mut self.tx, sql)?;
        self.last = Last::AtWork;
        Ok(())
    }

    async fn commit(mut self) {
        let outcome = match self.last {
            // Nobody waits for it.
            Last::FirstAtWork => return,
            Last::AtWork => match crate::execute!(&mut self.tx, "rollback to member") {
                Ok(_) => self.tx.commit().await,
                Err(error) => Err(error),
            },
            Last::None | Last::Done { .. } => self.tx.commit().await,
        };
        self.outcome.send_replace(Some(outcome.map_err(Arc::new)));
    }
}

/// A task of its own, for the one who began the transaction may go away.
async fn close(slot: Slot) {
    let mut slot = slot.lock().await;
    // Under the lock: those who come meanwhile share the next one.
    if let Some(shared) = slot.take() {
        shared.commit().await;
    }
}
