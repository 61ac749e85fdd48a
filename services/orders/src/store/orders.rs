//! Orders, and the idempotency keys that they were placed under.

mod insert;

use ::events::outbox;
use chrono::{DateTime, Utc};
use money::{Currency, Money};
use service::{IdempotencyKey, Limit, Problem};
use storage::idempotency::{self, Replay};
use storage::{Batch, Db, Error as StorageError, Json, Tx, execute, fetch_all, fetch_optional};
use uuid::Uuid;

use crate::domain::{
    Address, CreateOrder, Order, OrderLine, OrderNumber, OrderStatus, PaidBy, PaymentMethodId, Reservation, Shipping,
    StoredEmail,
};
use crate::error::Error;
use crate::events::order_event;
use crate::placement::{Lease, Placement};
use crate::rejection;
use crate::store::failed_payments;

pub use insert::{InsertOutcome, NewOrder, insert};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    #[sqlx(try_from = "String")]
    number: OrderNumber,
    #[sqlx(try_from = "String")]
    status: OrderStatus,
    #[sqlx(try_from = "String")]
    email: StoredEmail,
    address: Json<Address>,
    lines: Json<Vec<OrderLine>>,
    shipping: Json<Shipping>,
    currency: String,
    subtotal: i64,
    tax: i64,
    total: i64,
    cart: Option<Uuid>,
    #[sqlx(try_from = "String")]
    payment_method: PaymentMethodId,
    reservation: Option<Uuid>,
    held_until: Option<DateTime<Utc>>,
    payment: Option<Uuid>,
    rejection: Option<Json<Problem>>,
    in_progress: bool,
    fence: i64,
    tries: i64,
    placed_at: DateTime<Utc>,
    redirect_url: Option<String>,
    holds_cart: bool,
    paid_by: Option<String>,
    client: Option<String>,
    card: Option<String>,
}

impl TryFrom<Row> for Placement {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        let currency = Currency::from_code(&row.currency)
            .ok_or_else(|| StorageError::Decode(format!("order {} has no known currency", row.id).into()))?;
        let rejection = row.rejection.map(|Json(problem)| problem);
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
            reason: rejection.as_ref().map(rejection::reason),
            redirect_url: row.redirect_url,
            paid_by: paid_by.map_err(|error| StorageError::Decode(error.into()))?,
        };
        let reservation = row.reservation.zip(row.held_until);
        Ok(Self {
            order,
            cart: row.cart,
            holds_cart: row.holds_cart,
            cancel_reason: None,
            client: row.client.and_then(|client| client.parse().ok()),
            card_fingerprint: row.card,
            payment_method: row.payment_method,
            reservation: reservation.map(|(id, expires_at)| Reservation { id, expires_at }),
            payment: row.payment,
            rejection,
            in_progress: row.in_progress,
            fence: row.fence,
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
        })
    }
}

/// Selects all columns of a [`Row`].
macro_rules! select {
    ($where:literal) => {
        concat!(
            "select id, number, status, email, address, lines, shipping, currency, subtotal, tax, total, cart,
            payment_method, reservation, held_until, payment, rejection, in_progress, fence, tries, placed_at, redirect_url,
            holds_cart, paid_by, client, card from orders ",
            $where
        )
    };
}

pub async fn find(db: &Db, id: Uuid) -> Result<Option<Placement>, StorageError> {
    let sql = select!("where id = $1");
    let row: Option<Row> = fetch_optional!(db, sql, id)?;
    row.map(Placement::try_from).transpose()
}

/// Lists the orders placed after another one, the oldest first: ids are in the sequence of time. With `in_progress`, only
/// those that are, or are not, in progress. One more order than a page has is fetched.
pub async fn list(
    db: &Db,
    after: Option<Uuid>,
    in_progress: Option<bool>,
    limit: Limit<100, 100>,
) -> Result<Vec<Placement>, StorageError> {
    let sql = select!("where id > $1 and in_progress in ($2, $3) order by id limit $4");
    let (either, or) = (in_progress.unwrap_or(true), in_progress.unwrap_or(false));
    let rows: Vec<Row> = fetch_all!(db, sql, after.unwrap_or_default(), either, or, limit.rows_and_one())?;
    rows.into_iter().map(Placement::try_from).collect()
}

/// Lists the orders of a cart, the newest first.
pub async fn list_of_cart(
    db: &Db,
    cart: Uuid,
    in_progress: Option<bool>,
    limit: Limit<100, 100>,
) -> Result<Vec<Placement>, StorageError> {
    let sql = select!("where cart = $1 and in_progress in ($2, $3) order by id desc limit $4");
    let (either, or) = (in_progress.unwrap_or(true), in_progress.unwrap_or(false));
    let rows: Vec<Row> = fetch_all!(db, sql, cart, either, or, limit.rows())?;
    rows.into_iter().map(Placement::try_from).collect()
}

/// The id of the order that was placed under this key with the same request. None if the key is unknown, or free again.
pub async fn find_by_request(db: &Db, key: &IdempotencyKey, request: &CreateOrder) -> Result<Option<Uuid>, Error> {
    let id: Uuid = match idempotency::find_committed(db, key.as_str(), request).await? {
        Replay::New => return Ok(None),
        Replay::Mismatch => return Err(Error::KeyReused),
        Replay::Answered(id) => id,
    };
    let failed: Option<(Uuid,)> = fetch_optional!(db, FAILED, id)?;
    Ok(Some(id).filter(|_| failed.is_none()))
}

/// An order that failed and has been undone: its key is free again.
const FAILED: &str = "select id from orders where id = $1 and status = 'failed' and not in_progress";

/// The id of the order that was placed under this key, with whatever request.
pub async fn find_by_key(db: &Db, key: &str) -> Result<Option<Uuid>, StorageError> {
    let sql = "select answer from idempotency where key = $1";
    let row: Option<(Json<Uuid>,)> = fetch_optional!(db, sql, key)?;
    Ok(row.map(|(Json(id),)| id))
}

/// The ids of orders that are in progress, due and not leased, the longest overdue first.
pub async fn find_due(db: &Db, now: DateTime<Utc>, limit: u32) -> Result<Vec<Uuid>, StorageError> {
    let sql =
        "select id from orders where in_progress and due_at <= $1 and leased_until <= $1 order by due_at limit $2";
    let rows: Vec<(Uuid,)> = fetch_all!(db, sql, now, i64::from(limit))?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Adds the event of the order's status, if there is one, in the transaction of the change: neither exists without the
/// other.
async fn publish(tx: &mut Tx, order: &Order, now: DateTime<Utc>) -> Result<(), StorageError> {
    match order_event(order, Uuid::now_v7(), now) {
        Some(event) => outbox::insert(tx, &event).await,
        None => Ok(()),
    }
}

/// Leases an order that is in progress and not leased. The former owner can no longer write.
pub async fn claim(
    db: &Db,
    batch: &Batch,
    id: Uuid,
    now: DateTime<Utc>,
    leased_until: DateTime<Utc>,
) -> Result<Option<Placement>, StorageError> {
    let sql = "update orders set leased_until = $1, due_at = $1, fence = fence + 1
        where id = $2 and in_progress and leased_until <= $3";
    let mut tx = batch.begin().await?;
    let claimed = execute!(&mut tx, sql, leased_until, id, now)? == 1;
    tx.commit().await?;
    if claimed { find(db, id).await } else { Ok(None) }
}

/// Makes an order that awaits payment due now.
pub async fn wake(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<(), StorageError> {
    let sql = "update orders set due_at = $1
        where id = $2 and in_progress and status = 'authenticating' and due_at > $1";
    execute!(tx, sql, now, id).map(drop)
}

/// Saves an order with its new status, renews its lease, and publishes the event.
pub async fn update(batch: &Batch, placement: &Placement, lease: Lease, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = batch.begin().await?;
    failed_payments::insert(&mut tx, placement, now).await?;
    write(&mut tx, placement, lease).await?;
    publish(&mut tx, &placement.order, now).await?;
    Ok(tx.commit().await?)
}

/// Saves an order whose status has not changed, and ends its lease.
pub async fn release(batch: &Batch, placement: &Placement, lease: Lease) -> Result<(), Error> {
    let mut tx = batch.begin().await?;
    write(&mut tx, placement, lease).await?;
    Ok(tx.commit().await?)
}

/// Fails with [`Error::InProgress`] if the order has another owner by now. An order that was woken while it was leased (it is
/// due before the lease ends) stays due: its owner may have asked payments before the news.
async fn write(tx: &mut Tx, placement: &Placement, lease: Lease) -> Result<(), Error> {
    let sql = "update orders set status = $1, reservation = $2, held_until = $3, payment = $4, rejection = $5,
        in_progress = $6, holds_cart = $7, tries = $8, leased_until = $9, redirect_url = $11,
        due_at = case when status = 'authenticating' and due_at < leased_until then due_at else $10 end,
        client = case when $6 then client else null end, card = case when $6 then $12 else null end, paid_by = $13
        where id = $14 and fence = $15 and in_progress";
    let order = &placement.order;
    let reservation = placement.reservation;
    let (reservation, held_until) = reservation.map(|held| (held.id, held.expires_at)).unzip();
    let updated = execute!(
        tx,
        sql,
        order.status.as_str(),
        reservation,
        held_until,
        placement.payment,
        placement.rejection.as_ref().map(Json),
        placement.in_progress,
        placement.holds_cart,
        i64::from(placement.tries),
        lease.leased_until,
        lease.due_at,
        order.redirect_url.as_deref(),
        placement.card_fingerprint.as_deref(),
        order.paid_by.map(PaidBy::as_str),
        order.id,
        placement.fence,
    )?;
    match updated {
        0 => Err(Error::InProgress),
        _ => Ok(()),
    }
}
