//! Orders on their way and at rest, and the keys that they were asked for under.

mod insert;

use ::events::outbox;
use chrono::{DateTime, Utc};
use money::{Currency, Money};
use service::{IdempotencyKey, Limit, Problem};
use storage::idempotency::{self, Known};
use storage::{Batch, Db, Error as StorageError, Json, Tx, execute, fetch_all, fetch_optional};
use uuid::Uuid;

use crate::App;
use crate::domain::{Address, Email, Line, Number, Order, PaidBy, PaymentMethod, Request, Shipping, State};
use crate::error::Error;
use crate::events;
use crate::saga::{Reservation, Saga};
use crate::store::tries;

pub use insert::{Inserted, New, insert};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    #[sqlx(try_from = "String")]
    number: Number,
    #[sqlx(try_from = "String")]
    status: State,
    #[sqlx(try_from = "String")]
    email: Email,
    address: Json<Address>,
    lines: Json<Vec<Line>>,
    shipping: Json<Shipping>,
    currency: String,
    subtotal: i64,
    tax: i64,
    total: i64,
    cart: Option<Uuid>,
    #[sqlx(try_from = "String")]
    payment_method: PaymentMethod,
    reservation: Option<Uuid>,
    held_until: Option<DateTime<Utc>>,
    payment: Option<Uuid>,
    refusal: Option<Json<Problem>>,
    open: bool,
    fence: i64,
    tries: i64,
    placed_at: DateTime<Utc>,
    action: Option<String>,
    holds_cart: bool,
    paid_by: Option<String>,
    client: Option<String>,
    card: Option<String>,
}

impl TryFrom<Row> for Saga {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        let currency = Currency::from_code(&row.currency)
            .ok_or_else(|| StorageError::Decode(format!("order {} has no sound currency", row.id).into()))?;
        let refusal = row.refusal.map(|Json(problem)| problem);
        let paid_by = row.paid_by.map(PaidBy::try_from).transpose();
        let order = Order {
            id: row.id,
            number: row.number,
            status: row.status,
            email: row.email,
            address: row.address.0,
            lines: row.lines.0,
            subtotal: Money::new(row.subtotal, currency),
            shipping: row.shipping.0,
            tax: Money::new(row.tax, currency),
            total: Money::new(row.total, currency),
            placed_at: row.placed_at,
            reason: refusal.as_ref().map(Saga::reason),
            action: row.action,
            paid_by: paid_by.map_err(|error| StorageError::Decode(error.into()))?,
        };
        let reservation = row.reservation.zip(row.held_until);
        Ok(Self {
            order,
            cart: row.cart,
            holds_cart: row.holds_cart,
            abandoned: None,
            client: row.client.and_then(|client| client.parse().ok()),
            card: row.card,
            payment_method: row.payment_method,
            reservation: reservation.map(|(id, expires_at)| Reservation { id, expires_at }),
            payment: row.payment,
            refusal,
            open: row.open,
            fence: row.fence,
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
        })
    }
}

/// Everything that a row has.
macro_rules! select {
    ($where:literal) => {
        concat!(
            "select id, number, status, email, address, lines, shipping, currency, subtotal, tax, total, cart,
            payment_method, reservation, held_until, payment, refusal, open, fence, tries, placed_at, action,
            holds_cart, paid_by, client, card from orders ",
            $where
        )
    };
}

/// The one with this id.
pub async fn find(db: &Db, id: Uuid) -> Result<Option<Saga>, StorageError> {
    let sql = select!("where id = $1");
    let row: Option<Row> = fetch_optional!(db, sql, id)?;
    row.map(Saga::try_from).transpose()
}

/// Orders after another, the oldest first: their ids are in the order of time. With `open`, only those that are so.
pub async fn list(
    db: &Db,
    after: Option<Uuid>,
    open: Option<bool>,
    limit: Limit<100, 100>,
) -> Result<Vec<Saga>, StorageError> {
    let sql = select!("where id > $1 and open in ($2, $3) order by id limit $4");
    let (is_open, or_open) = (open.unwrap_or(true), open.unwrap_or(false));
    let rows: Vec<Row> = fetch_all!(db, sql, after.unwrap_or_default(), is_open, or_open, limit.rows())?;
    rows.into_iter().map(Saga::try_from).collect()
}

/// Those of a cart, the newest first.
pub async fn list_of_cart(
    db: &Db,
    cart: Uuid,
    open: Option<bool>,
    limit: Limit<100, 100>,
) -> Result<Vec<Saga>, StorageError> {
    let sql = select!("where cart = $1 and open in ($2, $3) order by id desc limit $4");
    let (is_open, or_open) = (open.unwrap_or(true), open.unwrap_or(false));
    let rows: Vec<Row> = fetch_all!(db, sql, cart, is_open, or_open, limit.rows())?;
    rows.into_iter().map(Saga::try_from).collect()
}

/// The id of the order that this key was used for.
pub async fn find_by_key(db: &Db, key: &IdempotencyKey, request: &Request) -> Result<Option<Uuid>, Error> {
    let id: Uuid = match idempotency::peek(db, key.as_str(), request).await? {
        Known::No => return Ok(None),
        Known::Mismatch => return Err(Error::KeyReused),
        Known::Yes(id) => id,
    };
    let failed: Option<(Uuid,)> = fetch_optional!(db, FAILED, id)?;
    Ok(Some(id).filter(|_| failed.is_none()))
}

/// It failed and left nothing behind.
const FAILED: &str = "select id from orders where id = $1 and status = 'failed' and not open";

/// The id of the order that a key was used for, whatever the request was.
pub async fn find_of_key(db: &Db, key: &str) -> Result<Option<Uuid>, StorageError> {
    let sql = "select answer from idempotency where key = $1";
    let row: Option<(Json<Uuid>,)> = fetch_optional!(db, sql, key)?;
    Ok(row.map(|(Json(id),)| id))
}

/// Orders that have something left to do, and whose time has come: the longest overdue first.
pub async fn find_due(db: &Db, now: DateTime<Utc>, limit: u32) -> Result<Vec<Uuid>, StorageError> {
    let sql = "select id from orders where open and due_at <= $1 and leased_until <= $1 order by due_at limit $2";
    let rows: Vec<(Uuid,)> = fetch_all!(db, sql, now, i64::from(limit))?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// In the transaction of what has happened: there is the event if and only if there is its cause.
async fn publish(tx: &mut Tx, order: &Order, now: DateTime<Utc>) -> Result<(), StorageError> {
    match events::of(order, Uuid::now_v7(), now) {
        Some(event) => outbox::insert(tx, &event).await,
        None => Ok(()),
    }
}

/// Takes an order up that has something left to do and that nobody is at. Whoever was at it before can
/// write nothing more.
pub async fn claim(
    app: &App,
    id: Uuid,
    now: DateTime<Utc>,
    leased_until: DateTime<Utc>,
) -> Result<Option<Saga>, StorageError> {
    let sql = "update orders set leased_until = $1, due_at = $1, fence = fence + 1
        where id = $2 and open and leased_until <= $3";
    let mut tx = app.batch.begin().await?;
    let claimed = execute!(&mut tx, sql, leased_until, id, now)? == 1;
    tx.commit().await?;
    if claimed { find(&app.db, id).await } else { Ok(None) }
}

/// Lets the worker look at an order at once, if it waits for the shopper's bank.
pub async fn hurry(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<(), StorageError> {
    let sql = "update orders set due_at = $1 where id = $2 and open and status = 'authenticating' and due_at > $1";
    execute!(tx, sql, now, id).map(drop)
}

/// Until when nobody else takes an order up, and when the worker does.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    /// Nobody before
    pub leased: DateTime<Utc>,
    /// The worker, after
    pub due: DateTime<Utc>,
}

/// Writes down that an order has come to another state, and tells the world.
pub async fn advance(batch: &Batch, saga: &Saga, until: Until, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = batch.begin().await?;
    tries::insert(&mut tx, saga, now).await?;
    update(&mut tx, saga, until).await?;
    publish(&mut tx, &saga.order, now).await?;
    Ok(tx.commit().await?)
}

/// Writes down how an order is left, for whoever takes it up next.
pub async fn leave(batch: &Batch, saga: &Saga, until: Until) -> Result<(), Error> {
    let mut tx = batch.begin().await?;
    update(&mut tx, saga, until).await?;
    Ok(tx.commit().await?)
}

/// Only for the one who is at it: whoever finds that someone else has taken it up has been too slow. What was hurried meanwhile
/// (it is due before the lease ends) stays so: whoever is at it may have asked before there was news.
async fn update(tx: &mut Tx, saga: &Saga, until: Until) -> Result<(), Error> {
    let sql = "update orders set status = $1, reservation = $2, held_until = $3, payment = $4, refusal = $5,
        open = $6, holds_cart = $7, tries = $8, leased_until = $9, action = $11,
        due_at = case when status = 'authenticating' and due_at < leased_until then due_at else $10 end,
        client = case when $6 then client else null end, card = case when $6 then $12 else null end, paid_by = $13
        where id = $14 and fence = $15 and open";
    let (reservation, held_until) = saga.reservation.map(|held| (held.id, held.expires_at)).unzip();
    let updated = execute!(
        tx,
        sql,
        saga.order.status.as_str(),
        reservation,
        held_until,
        saga.payment,
        saga.refusal.as_ref().map(Json),
        saga.open,
        saga.holds_cart,
        i64::from(saga.tries),
        until.leased,
        until.due,
        saga.order.action.as_deref(),
        saga.card.as_deref(),
        saga.order.paid_by.map(PaidBy::as_str),
        saga.order.id,
        saga.fence,
    )?;
    match updated {
        0 => Err(Error::Busy),
        _ => Ok(()),
    }
}
