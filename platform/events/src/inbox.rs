//! Where a consumer keeps what it has taken: next to its effects, so that one transaction has both.

mod sql;

use std::future::Future;

use chrono::{DateTime, Utc};
use serde::Serialize;
use service::BoxError;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Event;

/// One consumer's place in the feed of one source.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Cursor {
    /// The part that consumes
    pub consumer: &'static str,
    /// The part that publishes
    pub source: &'static str,
}

/// A cursor that one replica has for itself for a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Claim {
    /// Grows each time the cursor changes hands; whoever writes with an older one writes nothing
    pub fence: i64,
    /// The last event that was taken
    pub last_event: Option<Uuid>,
}

/// An event that could not be taken, or that follows one of the same subject that could not.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Parked {
    /// The event
    pub event: Event,
    /// Which part could not take it
    pub consumer: String,
    /// Why not
    pub error: String,
    /// How often it was tried; 0 where it waits for an earlier one of its subject
    pub tries: u32,
    /// Since when it is parked
    pub parked_at: DateTime<Utc>,
    /// Among the parked events of its subject, which comes first.
    #[serde(skip)]
    pub turn: i64,
}

/// The store of a consumer. A [`Db`](storage::Db) is one; a store that is not SQL brings its own.
///
/// Whatever takes a `tx` is in that transaction, and must be undone when it is dropped without [`Inbox::commit`].
/// An error says that the store does not answer: then the same is done again, after a pause, until it does.
pub trait Inbox: Clone + Send + Sync + 'static {
    /// A transaction, in which handlers have their effects too.
    type Tx: Send;

    /// Begins a transaction.
    fn begin(&self) -> impl Future<Output = Result<Self::Tx, BoxError>> + Send;

    /// Makes it so, durably.
    fn commit(&self, tx: Self::Tx) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Takes a cursor until `until`, if nobody has it at `now`; who holds it already, with the fence `held`, keeps it.
    /// A new cursor stands before the first event.
    fn claim(
        &self,
        cursor: Cursor,
        held: Option<i64>,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> impl Future<Output = Result<Option<Claim>, BoxError>> + Send;

    /// Gives a cursor back before its time, if `fence` is still the one.
    fn release(&self, cursor: Cursor, fence: i64) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Holds a cursor until `until`; false where `fence` is no longer the one.
    fn hold(
        &self,
        tx: &mut Self::Tx,
        cursor: Cursor,
        fence: i64,
        until: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, BoxError>> + Send;

    /// Moves a cursor.
    fn advance(
        &self,
        tx: &mut Self::Tx,
        cursor: Cursor,
        last_event: Option<Uuid>,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Records an event as taken; false where it is already.
    fn record(
        &self,
        tx: &mut Self::Tx,
        consumer: &'static str,
        event: Uuid,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, BoxError>> + Send;

    /// Forgets what was taken before `time`, in small bites, and says how much that was.
    fn sweep(&self, time: DateTime<Utc>) -> impl Future<Output = Result<u64, BoxError>> + Send;

    /// Adds a parked event.
    fn park(&self, tx: &mut Self::Tx, parked: &Parked) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Removes a parked event, and gives it.
    fn unpark(
        &self,
        tx: &mut Self::Tx,
        consumer: &'static str,
        event: Uuid,
    ) -> impl Future<Output = Result<Option<Parked>, BoxError>> + Send;

    /// The parked events of a subject in their order, each with its turn. Until the transaction ends nobody else takes
    /// one away.
    fn queue(
        &self,
        tx: &mut Self::Tx,
        consumer: &'static str,
        subject: &str,
    ) -> impl Future<Output = Result<Vec<(Uuid, i64)>, BoxError>> + Send;

    /// The parked events, those parked first before the others.
    fn parked(&self, consumer: &'static str, limit: u32) -> impl Future<Output = Result<Vec<Parked>, BoxError>> + Send;

    /// How many events are parked.
    fn count_parked(&self, consumer: &'static str) -> impl Future<Output = Result<u64, BoxError>> + Send;
}
