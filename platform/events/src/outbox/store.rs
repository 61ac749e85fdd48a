//! Every statement on the outbox.

use chrono::{DateTime, Utc};
use storage::{Db, Error, Json, On, Tx, execute, fetch_all, fetch_one, fetch_optional};
use uuid::Uuid;

use super::Readers;
use crate::Event;

/// Events written by one statement, at most.
const WRITTEN_AT_ONCE: usize = 100;
/// Events numbered in one transaction, at most.
pub(super) const NUMBERED_AT_ONCE: i64 = 1000;
/// Events swept in one transaction, at most: others wait for it.
const SWEPT_AT_ONCE: i64 = 500;

/// Writes events; on SQLite with their numbers, elsewhere without.
pub(super) async fn insert(tx: &mut Tx, events: &[Event]) -> Result<(), Error> {
    for events in events.chunks(WRITTEN_AT_ONCE) {
        insert_few(tx, events).await?;
    }
    Ok(())
}

async fn insert_few(tx: &mut Tx, events: &[Event]) -> Result<(), Error> {
    macro_rules! bind {
        ($sql:expr) => {
            events
                .iter()
                .zip(0_i64..)
                .fold(storage::sqlx::query($sql), |query, (event, place)| {
                    query
                        .bind(event.id)
                        .bind(place)
                        .bind(Json(event))
                        .bind(event.time)
                })
        };
    }
    let rows: Vec<String> = (0..events.len())
        .map(|row| row * 4)
        .map(|n| format!("(${}, ${}, ${}, ${})", n + 1, n + 2, n + 3, n + 4))
        .collect();
    // Only counts and the placeholders' numbers are added to a literal.
    let sql = |sql: String| storage::sqlx::AssertSqlSafe(sql);
    let (rows, count) = (rows.join(", "), events.len());
    match tx.on() {
        // There is one writer: what is written first is committed first, and a number need not wait for the commit.
        // Both statements at once, for each takes a way to SQLite's thread and back.
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

/// Whether there are events without a number.
pub(super) async fn has_unnumbered(db: &Db) -> Result<bool, Error> {
    let sql = "select id from outbox where position is null limit 1";
    let row: Option<(Uuid,)> = fetch_optional!(db, sql)?;
    Ok(row.is_some())
}

/// Gives numbers to committed events, and says to how many. The head's row is locked until the transaction ends, so
/// numbers become visible in their order and whoever has read one has missed none before it.
pub(super) async fn number(tx: &mut Tx) -> Result<u64, Error> {
    // A statement of its own: the next one must see what was committed while this one waited for the lock.
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

/// The last number given.
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

/// How many events are not yet taken, and since when the oldest of them waits.
pub(super) async fn lag(db: &Db, readers: Readers) -> Result<(i64, Option<DateTime<Utc>>), Error> {
    let sql = match readers {
        Readers::Feeds => "select count(*), min(created_at) from outbox where position is null",
        // Numbers have no gaps, so what waits for the relay need not be counted one by one. No join: tables of one row are
        // never analysed, and PostgreSQL takes them for thousands.
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

/// Deletes events from before `time` that are taken, in small bites. The last one stays whatever its age, for it is
/// where consumers stand who have read all.
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
        let few = execute!(&mut tx, sql, time, SWEPT_AT_ONCE)?;
        tx.commit().await?;
        swept += few;
        if few < SWEPT_AT_ONCE.unsigned_abs() {
            return Ok(swept);
        }
    }
}

/// The relay's place, for one replica for a while.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(super) struct Claim {
    /// Grows each time another replica becomes the relay
    pub(super) fence: i64,
    /// The last number that was relayed
    pub(super) position: i64,
}

/// Makes this replica the relay until `until`, if none is at `now`; who is it already, with the fence `held`, stays it.
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
    // A file has one process: a lease that is still running is its predecessor's.
    let is_alone = matches!(db, Db::Sqlite { .. });
    let mut tx = db.begin().await?;
    // No fence is negative.
    let claim = fetch_optional!(&mut tx, sql, held.unwrap_or(-1), now, until, is_alone)?;
    tx.commit().await?;
    Ok(claim)
}

/// Moves the relay's place; false where this replica is no longer the relay.
pub(super) async fn move_relay(db: &Db, fence: i64, position: i64, until: DateTime<Utc>) -> Result<bool, Error> {
    let sql = "update outbox_relay set position = $2, leased_until = $3 where fence = $1";
    let mut tx = db.begin().await?;
    let rows = execute!(&mut tx, sql, fence, position, until)?;
    tx.commit().await?;
    Ok(rows > 0)
}

/// Gives the relay's place back before its time.
pub(super) async fn release_relay(db: &Db, fence: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        "update outbox_relay set leased_until = null where fence = $1",
        fence
    )?;
    tx.commit().await
}
