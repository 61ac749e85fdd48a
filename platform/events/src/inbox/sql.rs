//! The inbox in SQLite or PostgreSQL.

use chrono::{DateTime, Utc};
use service::BoxError;
use storage::{Db, Json, Tx, execute, fetch_all, fetch_one, fetch_optional};
use uuid::Uuid;

use super::{Claim, Cursor, Inbox, Parked};
use crate::Event;

/// Records deleted in one transaction, at most: others wait for it.
const SWEPT_AT_ONCE: i64 = 500;

#[derive(sqlx::FromRow)]
struct Row {
    event: Json<Event>,
    consumer: String,
    error: String,
    #[sqlx(try_from = "i64")]
    attempts: u32,
    parked_at: DateTime<Utc>,
    turn: i64,
}

impl From<Row> for Parked {
    fn from(row: Row) -> Self {
        Self {
            event: row.event.0,
            consumer: row.consumer,
            error: row.error,
            attempts: row.attempts,
            parked_at: row.parked_at,
            turn: row.turn,
        }
    }
}

impl Inbox for Db {
    type Tx = Tx;

    async fn begin(&self) -> Result<Tx, BoxError> {
        Ok(Db::begin(self).await?)
    }

    async fn commit(&self, tx: Tx) -> Result<(), BoxError> {
        Ok(tx.commit().await?)
    }

    async fn claim(
        &self,
        Cursor { consumer, source }: Cursor,
        held: Option<i64>,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<Claim>, BoxError> {
        let mut tx = Db::begin(self).await?;
        let sql = "insert into cursors (consumer, source, fence) values ($1, $2, 0)
            on conflict (consumer, source) do nothing";
        execute!(&mut tx, sql, consumer, source)?;
        // On SQLite there is one process: a lease that has not expired is that of its predecessor.
        let is_alone = matches!(self, Db::Sqlite { .. });
        // No fence is negative.
        let held = held.unwrap_or(-1);
        let sql = "update cursors
            set fence = case when fence = $3 then fence else fence + 1 end, leased_until = $5
            where consumer = $1 and source = $2 and (fence = $3 or leased_until is null or leased_until <= $4 or $6)
            returning fence, last_event";
        let row: Option<(i64, Option<Uuid>)> =
            fetch_optional!(&mut tx, sql, consumer, source, held, now, until, is_alone)?;
        tx.commit().await?;
        Ok(row.map(|(fence, last_event)| Claim { fence, last_event }))
    }

    async fn release(&self, Cursor { consumer, source }: Cursor, fence: i64) -> Result<(), BoxError> {
        let mut tx = Db::begin(self).await?;
        let sql = "update cursors set leased_until = null where consumer = $1 and source = $2 and fence = $3";
        execute!(&mut tx, sql, consumer, source, fence)?;
        Ok(tx.commit().await?)
    }

    async fn extend(
        &self,
        tx: &mut Tx,
        Cursor { consumer, source }: Cursor,
        fence: i64,
        until: DateTime<Utc>,
    ) -> Result<bool, BoxError> {
        let sql = "update cursors set leased_until = $4 where consumer = $1 and source = $2 and fence = $3";
        let rows = execute!(tx, sql, consumer, source, fence, until)?;
        Ok(rows > 0)
    }

    async fn advance(
        &self,
        tx: &mut Tx,
        Cursor { consumer, source }: Cursor,
        last_event: Option<Uuid>,
    ) -> Result<(), BoxError> {
        let sql = "insert into cursors (consumer, source, last_event, fence) values ($1, $2, $3, 0)
            on conflict (consumer, source) do update set last_event = excluded.last_event";
        execute!(tx, sql, consumer, source, last_event)?;
        Ok(())
    }

    async fn record(
        &self,
        tx: &mut Tx,
        consumer: &'static str,
        event: Uuid,
        now: DateTime<Utc>,
    ) -> Result<bool, BoxError> {
        let sql = "insert into inbox (consumer, event, taken_at) values ($1, $2, $3)
            on conflict (consumer, event) do nothing";
        let rows = execute!(tx, sql, consumer, event, now)?;
        Ok(rows > 0)
    }

    async fn sweep(&self, time: DateTime<Utc>) -> Result<u64, BoxError> {
        let sql = "delete from inbox where (consumer, event) in (
            select consumer, event from inbox where taken_at < $1 order by taken_at limit $2
        )";
        let mut swept = 0;
        loop {
            let mut tx = Db::begin(self).await?;
            let deleted = execute!(&mut tx, sql, time, SWEPT_AT_ONCE)?;
            tx.commit().await?;
            swept += deleted;
            if deleted < SWEPT_AT_ONCE.unsigned_abs() {
                return Ok(swept);
            }
        }
    }

    async fn park(&self, tx: &mut Tx, parked: &Parked) -> Result<(), BoxError> {
        let sql = "insert into parked (id, consumer, subject, turn, event, error, attempts, parked_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let Parked {
            event, consumer, error, ..
        } = parked;
        execute!(
            tx,
            sql,
            event.id,
            consumer.as_str(),
            event.subject.as_str(),
            parked.turn,
            Json(event),
            error.as_str(),
            i64::from(parked.attempts),
            parked.parked_at
        )?;
        Ok(())
    }

    async fn unpark(&self, tx: &mut Tx, consumer: &'static str, event: Uuid) -> Result<Option<Parked>, BoxError> {
        let sql = "delete from parked where consumer = $1 and id = $2
            returning event, consumer, error, attempts, parked_at, turn";
        let row: Option<Row> = fetch_optional!(tx, sql, consumer, event)?;
        Ok(row.map(Parked::from))
    }

    async fn parked_of_subject(
        &self,
        tx: &mut Tx,
        consumer: &'static str,
        subject: &str,
    ) -> Result<Vec<(Uuid, i64)>, BoxError> {
        // Changes nothing, but locks the rows.
        let sql = "update parked set turn = turn where consumer = $1 and subject = $2 returning id, turn";
        let mut queue: Vec<(Uuid, i64)> = fetch_all!(tx, sql, consumer, subject)?;
        queue.sort_by_key(|(_, turn)| *turn);
        Ok(queue)
    }

    async fn parked(&self, consumer: &'static str, limit: u32) -> Result<Vec<Parked>, BoxError> {
        let sql = "select event, consumer, error, attempts, parked_at, turn from parked
            where consumer = $1 order by parked_at, subject, turn limit $2";
        let rows: Vec<Row> = fetch_all!(self, sql, consumer, i64::from(limit))?;
        Ok(rows.into_iter().map(Parked::from).collect())
    }

    async fn count_parked(&self, consumer: &'static str) -> Result<u64, BoxError> {
        let (count,): (i64,) = fetch_one!(self, "select count(*) from parked where consumer = $1", consumer)?;
        Ok(count.unsigned_abs())
    }
}
