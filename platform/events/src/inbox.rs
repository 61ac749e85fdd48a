//! A consumer's records of processed events, stored next to its effects, so that one transaction has both.

mod sql;

use std::future::Future;

use chrono::{DateTime, Utc};
use serde::Serialize;
use service::BoxError;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Event;

/// Identifies the position of one consumer in the feed of one source.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Cursor {
    /// The part that consumes
    pub consumer: &'static str,
    /// The part that publishes
    pub source: &'static str,
}

/// A lease on a cursor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Claim {
    /// Increases each time another replica takes the cursor; writes with an older fence have no effect
    pub fence: i64,
    /// The last processed event
    pub last_event: Option<Uuid>,
}

/// An event that could not be handled, or that follows such an event of the same subject.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Parked {
    /// The event
    pub event: Event,
    /// The part that could not handle it
    pub consumer: String,
    /// Why it failed
    pub error: String,
    /// Number of attempts; 0 if it was not attempted because an earlier event of its subject is parked
    pub attempts: u32,
    /// Since when it is parked (RFC 3339)
    pub parked_at: DateTime<Utc>,
    /// Position among the parked events of its subject
    #[serde(skip)]
    pub turn: i64,
}

/// The store of a consumer. A [`Db`](storage::Db) is one; a store that is not SQL implements this trait.
///
/// Methods with a `tx` work in that transaction, and are undone if it is dropped without [`Inbox::commit`].
/// An error means that the store does not answer: the operation is repeated after a pause until it succeeds.
pub trait Inbox: Clone + Send + Sync + 'static {
    /// A transaction, which handlers use for their effects, too.
    type Tx: Send;

    /// Begins a transaction.
    fn begin(&self) -> impl Future<Output = Result<Self::Tx, BoxError>> + Send;

    /// Commits, and returns once the commit is durable.
    fn commit(&self, tx: Self::Tx) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Takes the lease of a cursor until `until` if it is free at `now`, or renews it if `held` is its fence. Returns `None`
    /// if another replica holds it. A new cursor is positioned before the first event.
    fn claim(
        &self,
        cursor: Cursor,
        held: Option<i64>,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> impl Future<Output = Result<Option<Claim>, BoxError>> + Send;

    /// Releases the lease of a cursor if `fence` is current.
    fn release(&self, cursor: Cursor, fence: i64) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Extends the lease of a cursor until `until`; returns false if `fence` is not current.
    fn extend(
        &self,
        tx: &mut Self::Tx,
        cursor: Cursor,
        fence: i64,
        until: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, BoxError>> + Send;

    /// Moves a cursor to an event, or before the first one.
    fn advance(
        &self,
        tx: &mut Self::Tx,
        cursor: Cursor,
        last_event: Option<Uuid>,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Records an event as processed; returns false if it was recorded already.
    fn record(
        &self,
        tx: &mut Self::Tx,
        consumer: &'static str,
        event: Uuid,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<bool, BoxError>> + Send;

    /// Deletes records from before `time`, in small transactions, and returns their number.
    fn sweep(&self, time: DateTime<Utc>) -> impl Future<Output = Result<u64, BoxError>> + Send;

    /// Stores a parked event.
    fn park(&self, tx: &mut Self::Tx, parked: &Parked) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Removes a parked event and returns it.
    fn unpark(
        &self,
        tx: &mut Self::Tx,
        consumer: &'static str,
        event: Uuid,
    ) -> impl Future<Output = Result<Option<Parked>, BoxError>> + Send;

    /// The parked events of a subject in order, each with its position. They are locked until the transaction ends.
    fn parked_of_subject(
        &self,
        tx: &mut Self::Tx,
        consumer: &'static str,
        subject: &str,
    ) -> impl Future<Output = Result<Vec<(Uuid, i64)>, BoxError>> + Send;

    /// The parked events, oldest first.
    fn parked(&self, consumer: &'static str, limit: u32) -> impl Future<Output = Result<Vec<Parked>, BoxError>> + Send;

    /// The number of parked events.
    fn count_parked(&self, consumer: &'static str) -> impl Future<Output = Result<u64, BoxError>> + Send;
}
