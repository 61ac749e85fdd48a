//! Orders on their way and at rest, and the keys that they were asked for under.

use ::events::outbox;
use chrono::{DateTime, Utc};
use money::{Currency, Money};
use service::{IdempotencyKey, Problem};
use storage::idempotency::{self, Known};
use storage::{Batch, Db, Error as StorageError, Json, Tx, execute, fetch_all, fetch_optional, is_conflict};
use uuid::Uuid;

use crate::App;
use crate::domain::{Address, Email, Line, Number, Order, PaymentMethod, Request, Shipping, State};
use crate::error::Error;
use crate::events;
use crate::saga::{Reservation, Saga};
use crate::store::tries;

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
    client: Option<String>,
}

impl TryFrom<Row> for Saga {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        let currency = Currency::from_code(&row.currency)
            .ok_or_else(|| StorageError::Decode(format!("order {} has no sound currency", row.id).into()))?;
        let refusal = row.refusal.map(|Json(problem)| problem);
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
        };
        let reservation = row.reservation.zip(row.held_until);
        Ok(Self {
            order,
            cart: row.cart,
            holds_cart: row.holds_cart,
            abandoned: None,
            client: row.client.and_then(|client| client.parse().ok()),
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
            holds_cart, client from orders ",
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
pub async fn list(db: &Db, after: Option<Uuid>, open: Option<bool>, limit: u32) -> Result<Vec<Saga>, StorageError> {
    let sql = select!("where id > $1 and open in ($2, $3) order by id limit $4");
    let (is_open, or_open) = (open.unwrap_or(true), open.unwrap_or(false));
    let rows: Vec<Row> = fetch_all!(db, sql, after.unwrap_or_default(), is_open, or_open, i64::from(limit))?;
    rows.into_iter().map(Saga::try_from).collect()
}

/// Those of a cart, the newest first.
pub async fn list_of_cart(db: &Db, cart: Uuid, open: Option<bool>, limit: u32) -> Result<Vec<Saga>, StorageError> {
    let sql = select!("where cart = $1 and open in ($2, $3) order by id desc limit $4");
    let (is_open, or_open) = (open.unwrap_or(true), open.unwrap_or(false));
    let rows: Vec<Row> = fetch_all!(db, sql, cart, is_open, or_open, i64::from(limit))?;
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

/// What is known of a key.
enum Key {
    New,
    /// It was used for this order.
    Used(Uuid),
    /// It was used for this order, which failed and left nothing behind: as if it had never been. The
    /// shopper's next try is a new one.
    FreeAgain(Uuid),
}

/// It failed and left nothing behind.
const FAILED: &str = "select id from orders where id = $1 and status = 'failed' and not open";

async fn known(tx: &mut Tx, key: &IdempotencyKey, request: &Request) -> Result<Key, Error> {
    let id: Uuid = match idempotency::find(tx, key.as_str(), request).await? {
        Known::No => return Ok(Key::New),
        Known::Mismatch => return Err(Error::KeyReused),
        Known::Yes(id) => id,
    };
    let failed: Option<(Uuid,)> = fetch_optional!(tx, FAILED, id)?;
    Ok(failed.map_or(Key::Used(id), |(id,)| Key::FreeAgain(id)))
}

/// An order that is to be written down.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// It was asked for under this key
    pub key: &'a IdempotencyKey,
    /// In these words
    pub request: &'a Request,
    /// For this quote
    pub quote: Uuid,
    /// How it begins
    pub saga: &'a Saga,
    /// Nobody else is at it until then
    pub leased_until: DateTime<Utc>,
}

/// What came of writing an order down.
#[derive(Clone, Copy, Debug)]
pub enum Inserted {
    /// It is there.
    New,
    /// The key was used before, for this one.
    Known(Uuid),
    /// Somebody else has just taken the key, the quote, the cart or the number.
    Taken,
    /// This order of the same cart waits for the shopper's bank, and gives way.
    Waiting(Uuid),
}

/// The id of the order that a key was used for, whatever the request was.
pub async fn find_of_key(db: &Db, key: &str) -> Result<Option<Uuid>, StorageError> {
    let sql = "select answer from idempotency where key = $1";
    let row: Option<(Json<Uuid>,)> = fetch_optional!(db, sql, key)?;
    Ok(row.map(|(Json(id),)| id))
}

/// Writes an order down under its key, once for each key and once for each quote.
pub async fn insert(batch: &Batch, new: &New<'_>) -> Result<Inserted, Error> {
    // Mostly nothing is in its way, and then nothing need be asked.
    match insert_at_once(batch, new).await {
        Err(error) if is_conflict(&error) => insert_with_care(batch, new).await,
        done => Ok(done.map(|()| Inserted::New)?),
    }
}

async fn insert_at_once(batch: &Batch, new: &New<'_>) -> Result<(), StorageError> {
    let mut tx = batch.begin().await?;
    try_insert(&mut tx, new).await?;
    tx.commit().await
}

/// Finds out what is in its way.
async fn insert_with_care(batch: &Batch, new: &New<'_>) -> Result<Inserted, Error> {
    let mut tx = batch.begin().await?;
    // Before the key: whoever has taken both at this moment has the same request.
    let used = used(&mut tx, new).await?;
    match (known(&mut tx, new.key, new.request).await?, used) {
        // What was read may be others' in this very batch: it is to be true when we say it.
        (Key::Used(id), _) => {
            tx.commit().await?;
            return Ok(Inserted::Known(id));
        }
        (_, Some(in_its_way)) => {
            tx.commit().await?;
            return in_its_way.map(Inserted::Waiting);
        }
        (Key::New, None) => {}
        (Key::FreeAgain(id), None) => {
            // Of that order and no other: somebody else may have used the key again meanwhile.
            let sql = "delete from idempotency where key = $1 and answer = $2";
            execute!(&mut tx, sql, new.key.as_str(), Json(id))?;
        }
    }
    match try_insert(&mut tx, new).await {
        Err(error) if is_conflict(&error) => return Ok(Inserted::Taken),
        done => done?,
    }
    tx.commit().await?;
    Ok(Inserted::New)
}

/// An order in the way of another.
#[derive(sqlx::FromRow)]
struct Rival {
    id: Uuid,
    quote: Option<Uuid>,
    cart: Option<Uuid>,
    status: String,
}

impl Rival {
    /// It gives way if it waits for the bank. Which one it is, only whoever holds its cart is told.
    fn gives_way(&self, new: &New<'_>) -> Result<Uuid, Error> {
        let is_ours = self.cart.is_some() && self.cart == new.request.cart;
        match is_ours {
            true if self.status == State::Authenticating.as_str() => Ok(self.id),
            _ if self.quote == Some(new.quote) => Err(Error::QuoteUsed(is_ours.then_some(self.id))),
            _ => Err(Error::CartOrdered(self.id)),
        }
    }
}

/// What is in the way of an order: another one for its quote, for what its cart is now, or one that holds its cart. One
/// that came to nothing leaves all of them as they were.
async fn used(tx: &mut Tx, new: &New<'_>) -> Result<Option<Result<Uuid, Error>>, StorageError> {
    let sql = "select id, quote, cart, status from orders
        where (quote = $1 or (cart = $2 and cart_version = $3) or (cart = $2 and holds_cart))
        and status not in ('rejected', 'failed', 'cancelled')";
    let New { request, quote, .. } = *new;
    let rivals: Vec<Rival> = fetch_all!(tx, sql, quote, request.cart, request.cart_version)?;
    let mut found: Vec<_> = rivals.iter().map(|rival| rival.gives_way(new)).collect();
    let stays = found.iter().position(Result::is_err);
    Ok(stays.map(|place| found.swap_remove(place)).or_else(|| found.pop()))
}

async fn try_insert(tx: &mut Tx, new: &New<'_>) -> Result<(), StorageError> {
    let New {
        key,
        request,
        quote,
        saga,
        leased_until,
    } = new;
    let sql = "insert into orders (id, number, status, email, address, lines, shipping, currency, subtotal, tax, total,
        cart, payment_method, open, leased_until, due_at, placed_at, quote, cart_version,
        holds_cart, client)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, $18, $19, $20)";
    let order = &saga.order;
    // The key first, here as where a key becomes free again: two who took key and quote crosswise would wait for each
    // other.
    idempotency::insert(tx, key.as_str(), request, &order.id, order.placed_at).await?;
    execute!(
        &mut *tx,
        sql,
        order.id,
        order.number.as_str(),
        order.status.as_str(),
        order.email.as_ref(),
        Json(&order.address),
        Json(&order.lines),
        Json(&order.shipping),
        order.total.currency.code(),
        order.subtotal.minor,
        order.tax.minor,
        order.total.minor,
        saga.cart,
        saga.payment_method.as_ref(),
        saga.open,
        leased_until,
        order.placed_at,
        quote,
        request.cart_version,
        saga.holds_cart,
        saga.client.map(|client| client.to_string()),
    )?;
    publish(tx, order, order.placed_at).await
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
    match claimed {
        true => find(&app.db, id).await,
        false => Ok(None),
    }
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

/// Only for the one who is at it: whoever finds that someone else has taken it up has been too slow.
async fn update(tx: &mut Tx, saga: &Saga, until: Until) -> Result<(), Error> {
    let sql = "update orders set status = $1, reservation = $2, held_until = $3, payment = $4, refusal = $5,
        open = $6, holds_cart = $7, tries = $8, leased_until = $9, due_at = $10, action = $11,
        client = case when $6 then client else null end where id = $12 and fence = $13 and open";
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
        saga.order.id,
        saga.fence,
    )?;
    match updated {
        0 => Err(Error::Busy),
        _ => Ok(()),
    }
}
