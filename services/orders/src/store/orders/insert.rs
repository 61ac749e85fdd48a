//! Inserting a new order: once per key, quote and cart.

use chrono::{DateTime, Utc};
use service::IdempotencyKey;
use storage::idempotency::{self, Replay};
use storage::{Batch, Error as StorageError, Json, Tx, execute, fetch_all, fetch_optional, is_conflict};
use uuid::Uuid;

use super::{FAILED, publish};
use crate::domain::{CreateOrder, OrderStatus};
use crate::error::Error;
use crate::placement::Placement;

/// What an idempotency key was used for.
enum KeyUse {
    Unused,
    /// The key was used for this order.
    Used(Uuid),
    /// The key was used for this order, which failed and has been undone. The shopper's next attempt is a new order.
    Free(Uuid),
}

async fn find_key(tx: &mut Tx, key: &IdempotencyKey, request: &CreateOrder) -> Result<KeyUse, Error> {
    let id: Uuid = match idempotency::find(tx, key.as_str(), request).await? {
        Replay::New => return Ok(KeyUse::Unused),
        Replay::Mismatch => return Err(Error::KeyReused),
        Replay::Answered(id) => id,
    };
    let failed: Option<(Uuid,)> = fetch_optional!(tx, FAILED, id)?;
    Ok(failed.map_or(KeyUse::Used(id), |(id,)| KeyUse::Free(id)))
}

/// An order to insert.
#[derive(Clone, Copy, Debug)]
pub struct NewOrder<'a> {
    pub key: &'a IdempotencyKey,
    pub request: &'a CreateOrder,
    /// The quote's id
    pub quote: Uuid,
    pub placement: &'a Placement,
    pub leased_until: DateTime<Utc>,
}

/// The outcome of inserting an order.
#[derive(Clone, Copy, Debug)]
pub enum InsertOutcome {
    Inserted,
    /// The key was used before, for this order with the same request.
    AlreadyPlaced(Uuid),
    /// Another request has just taken the key, the quote, the cart or the number.
    Conflict,
    /// This order of the same cart awaits payment, and is to be cancelled first.
    Replaces(Uuid),
}

/// Inserts an order, once per key and once per quote.
pub async fn insert(batch: &Batch, new: &NewOrder<'_>) -> Result<InsertOutcome, Error> {
    // A conflict is rare, so what it would be with is looked up only then.
    match insert_unchecked(batch, new).await {
        Err(error) if is_conflict(&error) => insert_checked(batch, new).await,
        done => Ok(done.map(|()| InsertOutcome::Inserted)?),
    }
}

async fn insert_unchecked(batch: &Batch, new: &NewOrder<'_>) -> Result<(), StorageError> {
    let mut tx = batch.begin().await?;
    try_insert(&mut tx, new).await?;
    tx.commit().await
}

/// Looks up what the order is in conflict with, and inserts it if there is nothing any more.
async fn insert_checked(batch: &Batch, new: &NewOrder<'_>) -> Result<InsertOutcome, Error> {
    let mut tx = batch.begin().await?;
    // Before the key: a request that has taken both at this moment is the same request.
    let conflict = find_conflict(&mut tx, new).await?;
    match (find_key(&mut tx, new.key, new.request).await?, conflict) {
        // What was read may have been written by others in this very batch, so it is committed before it is answered.
        (KeyUse::Used(id), _) => {
            tx.commit().await?;
            return Ok(InsertOutcome::AlreadyPlaced(id));
        }
        (_, Some(conflict)) => {
            tx.commit().await?;
            return conflict.map(InsertOutcome::Replaces);
        }
        (KeyUse::Unused, None) => {}
        (KeyUse::Free(id), None) => {
            // Only if the key still leads to that order: another request may have used it again meanwhile.
            let sql = "delete from idempotency where key = $1 and answer = $2";
            execute!(&mut tx, sql, new.key.as_str(), Json(id))?;
        }
    }
    match try_insert(&mut tx, new).await {
        Err(error) if is_conflict(&error) => return Ok(InsertOutcome::Conflict),
        done => done?,
    }
    tx.commit().await?;
    Ok(InsertOutcome::Inserted)
}

/// An order that keeps another one from being placed.
#[derive(sqlx::FromRow)]
struct ConflictingOrder {
    id: Uuid,
    quote: Option<Uuid>,
    cart: Option<Uuid>,
    status: String,
}

impl ConflictingOrder {
    /// Its id if it can be replaced, which means that it awaits payment and is of the same cart. Otherwise the error, which
    /// tells the id only to a request that names the cart.
    fn resolve(&self, new: &NewOrder<'_>) -> Result<Uuid, Error> {
        let is_same_cart = self.cart.is_some() && self.cart == new.request.cart;
        if is_same_cart && self.status == OrderStatus::AwaitingPayment.as_str() {
            Ok(self.id)
        } else if self.quote == Some(new.quote) {
            Err(Error::QuoteUsed(is_same_cart.then_some(self.id)))
        } else {
            Err(Error::CartOrdered(self.id))
        }
    }
}

/// An order of the same quote or of the same version of the cart, or one that holds the cart. Unsuccessful orders do not
/// count. One that cannot be replaced comes before one that can.
async fn find_conflict(tx: &mut Tx, new: &NewOrder<'_>) -> Result<Option<Result<Uuid, Error>>, StorageError> {
    let sql = "select id, quote, cart, status from orders
        where (quote = $1 or (cart = $2 and cart_version = $3) or (cart = $2 and holds_cart))
        and status not in ('rejected', 'failed', 'cancelled')";
    let NewOrder { request, quote, .. } = *new;
    let orders: Vec<ConflictingOrder> = fetch_all!(tx, sql, quote, request.cart, request.cart_version)?;
    let mut resolved: Vec<_> = orders.iter().map(|order| order.resolve(new)).collect();
    let error = resolved.iter().position(Result::is_err);
    Ok(error
        .map(|index| resolved.swap_remove(index))
        .or_else(|| resolved.pop()))
}

async fn try_insert(tx: &mut Tx, new: &NewOrder<'_>) -> Result<(), StorageError> {
    let NewOrder {
        key,
        request,
        quote,
        placement,
        leased_until,
    } = new;
    let sql = "insert into orders (id, number, status, email, address, lines, shipping, currency, subtotal, tax, total,
        cart, payment_method, in_progress, leased_until, due_at, placed_at, quote, cart_version,
        holds_cart, client)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, $18, $19, $20)";
    let order = &placement.order;
    // The key first, here and where a key becomes free again: two requests that lock key and quote in opposite sequence would
    // wait for each other.
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
        placement.cart,
        placement.payment_method.as_ref(),
        placement.in_progress,
        leased_until,
        order.placed_at,
        quote,
        request.cart_version,
        placement.holds_cart,
        placement.client.map(|client| client.to_string()),
    )?;
    publish(tx, order, order.placed_at).await
}
