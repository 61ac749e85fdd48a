//! Writing a new order down: once for each key, quote and cart.

use chrono::{DateTime, Utc};
use service::IdempotencyKey;
use storage::idempotency::{self, Known};
use storage::{Batch, Error as StorageError, Json, Tx, execute, fetch_all, fetch_optional, is_conflict};
use uuid::Uuid;

use super::{FAILED, publish};
use crate::domain::{Request, State};
use crate::error::Error;
use crate::saga::Saga;

/// What is known of a key.
enum Key {
    New,
    /// It was used for this order.
    Used(Uuid),
    /// It was used for this order, which failed and left nothing behind: as if it had never been. The
    /// shopper's next try is a new one.
    FreeAgain(Uuid),
}

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
            true if self.status == State::AwaitingPayment.as_str() => Ok(self.id),
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
