//! All statements on the outbox.

use chrono::{DateTime, Utc};
use storage::{Db, Error, Json, On, Tx, execute, fetch_all, fetch_one, fetch_optional};
use uuid::Uuid;

use super::Readers;
use crate::Event;

/// Events inserted by one statement, at most.
const WRITTEN_AT_ONCE: usize = 100;
/// Events numbered in one transaction, at most.
pub(super) const NUMBERED_AT_ONCE: i64 = 1000;
/// Events deleted in one transaction, at most: others wait for it.
const SWEPT_AT_ONCE: i64 = 500;

/// Inserts events; on SQLite with their numbers, on PostgreSQL without.
pub(super) async fn insert(tx: &mut Tx, events: &[Event]) -> Result<(), Error> {
    for events in events.chunks(WRITTEN_AT_ONCE) {
        insert_chunk(tx, events).await?;
    }
    Ok(())
}

async fn insert_chunk(tx: &mut Tx, events: &[Event]) -> Result<(), Error> {
    macro_rules! bind {
        ($sql:expr) => {
            events
                .iter()
                .zip(0_i64..)
                .fold(storage::sqlx::query($sql), |query, (event, index)| {
                    query
                        .bind(event.id)
                        .bind(index)
                        .bind(Json(event))
                        .bind(event.time)
                })
        };
    }
    let rows: Vec<String> = (0..events.len())
        .map(|row| row * 4)
        .map(|n| format!("(${}, ${}, ${}, ${})", n + 1, n + 2, n + 3, n + 4))
        .collect();
    // Only counts and placeholders are added to a literal.
    let sql = |sql: String| storage::sqlx::AssertSqlSafe(sql);
    let (rows, count) = (rows.join(", "), events.len());
    match tx.on() {
        // There is one writer, so events are committed in the order of the inserts and can be numbered at once. Both
        // statements are sent together, since each has to go to SQLite's thread and back.
        On::Sqlite(on) => {
            let sql = sql(format!(
                "update outbox_head set position = position + {count} where id = 1;
                insert into outbox (id, position, turn, event, created_at)
                select column1, (select position from outbox_head) - {count} + 1 + column2, column2, column3, column4
                from (values {rows}) as written"
            ));
            bind!(sql).execute(on).await.map(drop)
        }
        On::Postgres(on) => {
            let sql = sql(format!(
                "insert into outbox (id, turn, event, created_at)
                select column1, column2 + (
                    select coalesce(max(turn) + 1, 0) from outbox where position is null
                ), column3, column4
                from (values {rows}) as written"
            ));
            bind!(sql).execute(on).await.map(drop)
        }
    }
}

/// Returns whether there are events without a number.
pub(super) async fn has_unnumbered(db: &Db) -> Result<bool, Error> {
    let sql = "select id from outbox where position is null limit 1";
    let row: Option<(Uuid,)> = fetch_optional!(db, sql)?;
    Ok(row.is_some())
}

/// Numbers committed events, and returns how many. The head's row is locked until the transaction ends, so numbers become
/// visible in order, and a reader of one has missed none before it.
pub(super) async fn number(tx: &mut Tx) -> Result<u64, Error> {
    // A statement of its own: the next one has to see what was committed while this one waited for the lock.
    let sql = "update outbox_head set position = position where id = 1 returning position";
    let (last,): (i64,) = fetch_one!(tx, sql)?;
    let sql = "update outbox set position = numbered.position
        from (
            select id, $1 + row_number() over (order by turn, id) as position from (
                select id, turn from outbox where position is null order by turn, id limit $2
            ) as unnumbered
        ) as numbered
        where outbox.id = numbered.id";
    let count = execute!(tx, sql, last, NUMBERED_AT_ONCE)?;
    if count > 0 {
        let sql = "update outbox_head set position = position + $1 where id = 1";
        execute!(tx, sql, i64::try_from(count).unwrap_or(i64::MAX))?;
    }
    Ok(count)
}

/// The number of the newest event.
pub(super) async fn head(db: &Db) -> Result<i64, Error> {
    let (position,): (i64,) = fetch_one!(db, "select position from outbox_head where id = 1")?;
    Ok(position)
}

/// The number of an event, if it is still kept and has one.
pub(super) async fn find(db: &Db, id: Uuid) -> Result<Option<i64>, Error> {
    let sql = "select position from outbox where id = $1 and position is not null";
    let row: Option<(i64,)> = fetch_optional!(db, sql, id)?;
    Ok(row.map(|(position,)| position))
}

/// The next events after a number.
pub(crate) async fn list(db: &Db, after: i64, limit: i64) -> Result<Vec<(i64, Event)>, Error> {
    let sql = "select position, event from outbox where position > $1 order by position limit $2";
    let rows: Vec<(i64, Json<Event>)> = fetch_all!(db, sql, after, limit)?;
    Ok(rows
        .into_iter()
        .map(|(position, Json(event))| (position, event))
        .collect())
}

/// How many events have not been read, and the time of the oldest of them.
pub(super) async fn lag(db: &Db, readers: Readers) -> Result<(i64, Option<DateTime<Utc>>), Error> {
    let sql = match readers {
        Readers::Feeds => "select count(*), min(created_at) from outbox where position is null",
        // Numbers have no gaps, so events that wait for the relay need not be counted one by one. There is no join, since
        // tables with one row are never analysed, and PostgreSQL expects thousands of rows.
        Readers::Relay => {
            "select
                (select count(*) from outbox where position is null)
                    + (select position from outbox_head where id = 1)
                    - (select position from outbox_relay where id = 1),
                (select min(created_at) from (
                    select created_at from outbox where position is null
                    union all
                    select created_at from outbox where position = (select position + 1 from outbox_relay where id = 1)
                ) as waiting)"
        }
    };
    fetch_one!(db, sql)
}

/// Deletes events older than `time` that have been read, in small transactions. The last event is always kept: it is the
/// position of consumers that have read all events.
pub(super) async fn sweep(db: &Db, readers: Readers, time: DateTime<Utc>) -> Result<u64, Error> {
    let sql = match readers {
        Readers::Feeds => {
            "delete from outbox where id in (
                select id from outbox
                where position < (select position from outbox_head) and created_at < $1
                order by position limit $2
            )"
        }
        Readers::Relay => {
            "delete from outbox where id in (
                select id from outbox
                where position < (select position from outbox_relay) and created_at < $1
                order by position limit $2
            )"
        }
    };
    let mut swept = 0;
    loop {
        let mut tx = db.begin().await?;
        let deleted = execute!(&mut tx, sql, time, SWEPT_AT_ONCE)?;
        tx.commit().await?;
        swept += deleted;
        if deleted < SWEPT_AT_ONCE.unsigned_abs() {
            return Ok(swept);
        }
    }
}

/// The relay's lease and position.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(super) struct Claim {
    /// Increases each time another replica becomes the relay
    pub(super) fence: i64,
    /// The number of the last relayed event
    pub(super) position: i64,
}

/// Takes the relay's lease until `until` if it is free at `now`, or renews it if `held` is its fence.
pub(super) async fn claim_relay(
    db: &Db,
    held: Option<i64>,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Claim>, Error> {
    let sql = "update outbox_relay
        set fence = case when fence = $1 then fence else fence + 1 end, leased_until = $3
        where fence = $1 or leased_until is null or leased_until <= $2 or $4
        returning fence, position";
    // On SQLite there is one process: a lease that has not expired is that of its predecessor.
    let is_alone = matches!(db, Db::Sqlite { .. });
    let mut tx = db.begin().await?;
    // No fence is negative.
    let claim = fetch_optional!(&mut tx, sql, held.unwrap_or(-1), now, until, is_alone)?;
    tx.commit().await?;
    Ok(claim)
}

/// Moves the relay's position; returns false if this replica is no longer the relay.
pub(super) async fn move_relay(db: &Db, fence: i64, position: i64, until: DateTime<Utc>) -> Result<bool, Error> {
    let sql = "update outbox_relay set position = $2, leased_until = $3 where fence = $1";
    let mut tx = db.begin().await?;
    let rows = execute!(&mut tx, sql, fence, position, until)?;
    tx.commit().await?;
    Ok(rows > 0)
}

/// Releases the relay's lease.
pub(super) async fn release_relay(db: &Db, fence: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        "update outbox_relay set leased_until = null where fence = $1",
        fence
    )?;
    tx.commit().await
}
