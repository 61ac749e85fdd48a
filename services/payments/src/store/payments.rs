//! Payments with their movements. A movement is committed before it is requested from the provider.

use ::events::outbox;
use chrono::{DateTime, Utc};
use money::{Currency, Money};
use service::IdempotencyKey;
use storage::{Batch, Db, Error as StorageError, Tx, execute, fetch_all, fetch_one, is_conflict};
use uuid::Uuid;

use crate::domain::{
    Amount, Charge, Decline, Lease, Movement, OrderNumber, Payment, PaymentMethod, PaymentMethodId, PaymentMethodType,
    PaymentStatus, ProviderPaymentId, ReturnUrl,
};
use crate::error::Error;
use crate::events;
use crate::store::{movements, payment_methods};

#[derive(sqlx::FromRow)]
struct PaymentRow {
    id: Uuid,
    order_id: Uuid,
    order_number: Option<String>,
    #[sqlx(try_from = "String")]
    payment_method: PaymentMethodId,
    provider: String,
    #[sqlx(try_from = "String")]
    method_type: PaymentMethodType,
    amount: i64,
    currency: String,
    #[sqlx(try_from = "String")]
    status: PaymentStatus,
    authorised: i64,
    captured: i64,
    refunded: i64,
    provider_payment_id: Option<String>,
    declined: Option<String>,
    redirect_url: Option<String>,
    return_url: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    client: Option<String>,
    created_at: DateTime<Utc>,
    token: String,
    fingerprint: Option<String>,
}

/// A payment joined with one of its movements.
#[derive(sqlx::FromRow)]
struct JoinedRow {
    #[sqlx(flatten)]
    payment: PaymentRow,
    #[sqlx(flatten)]
    movement: movements::Row,
}

/// Selects payments with their movements. One statement reads both, so that they are consistent.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select payments.id, order_id, order_number, payment_method, payments.provider, methods.type as method_type,
            payments.amount, currency, status, authorised, captured, refunded, provider_payment_id, declined, redirect_url, return_url,
            expires_at, payments.due_at as due_at, client, payments.created_at, token, fingerprint,
            number, kind, movements.amount as moved, progress, reason, refund, movements.idempotency_key as refund_key,
            request_hash, movements.created_at as begun_at, settled_at
            from payments join payment_movements as movements on movements.payment_id = payments.id
            join payment_methods as methods on methods.id = payments.payment_method ",
            $rest
        )
    };
}

/// The provider of a payment. Those from before the column existed are recognised by the provider's id. An unknown id must
/// not lead to the test provider, which accepts everything.
fn provider(stored: String, provider_payment_id: Option<&str>) -> String {
    let starts_with = |prefix| provider_payment_id.is_some_and(|id| id.starts_with(prefix));
    match () {
        () if !stored.is_empty() => stored,
        () if starts_with("test") => "test".to_owned(),
        () if starts_with("pi_") => "stripe".to_owned(),
        () => "unknown".to_owned(),
    }
}

impl PaymentRow {
    fn into_payment(self, movements: Vec<Movement>) -> Result<Payment, StorageError> {
        let invalid = |what| StorageError::Decode(format!("payment {} has an invalid {what}", self.id).into());
        let currency = Currency::from_code(&self.currency).ok_or_else(|| invalid("currency"))?;
        let amount = Amount::try_from(Money::new(self.amount, currency)).map_err(|_| invalid("amount"))?;
        let declined = self.declined.map(Decline::try_from).transpose();
        let return_url = self.return_url.map(ReturnUrl::try_from).transpose();
        let order_number = self.order_number.map(OrderNumber::try_from).transpose();
        let card = payment_methods::card(self.token, self.fingerprint);
        Ok(Payment {
            charge: Charge {
                payment_id: self.id,
                order: self.order_id,
                order_number: order_number.map_err(|error| StorageError::Decode(error.into()))?,
                amount,
                token: card.as_ref().map(|card| card.token.clone()),
                return_url: return_url.map_err(|error| StorageError::Decode(error.into()))?,
                expires_at: self.expires_at,
                due_at: self.due_at,
                email: None,
                client: self.client.and_then(|client| client.parse().ok()),
            },
            method: PaymentMethod {
                id: self.payment_method,
                provider: provider(self.provider, self.provider_payment_id.as_deref()),
                method_type: self.method_type,
                card: None,
                token: card,
            },
            provider_payment_id: ProviderPaymentId(self.provider_payment_id.unwrap_or_default()),
            status: self.status,
            authorised: self.authorised,
            captured: self.captured,
            refunded: self.refunded,
            declined: declined.map_err(|error| StorageError::Decode(error.into()))?,
            redirect_url: self.redirect_url,
            movements,
            created_at: self.created_at,
        })
    }
}

pub async fn find(db: &Db, id: Uuid) -> Result<Option<Payment>, StorageError> {
    let rows = fetch_all!(db, select!("where payments.id = $1 order by number"), id)?;
    Ok(group(rows)?.pop())
}

pub async fn find_by_key(db: &Db, key: &IdempotencyKey) -> Result<Option<Payment>, StorageError> {
    let sql = select!("where payments.idempotency_key = $1 order by number");
    let rows = fetch_all!(db, sql, key.as_str())?;
    Ok(group(rows)?.pop())
}

pub async fn find_by_provider_payment_id(db: &Db, id: &ProviderPaymentId) -> Result<Option<Payment>, StorageError> {
    let rows = fetch_all!(
        db,
        select!("where provider_payment_id = $1 order by payments.id, number"),
        id.0.as_str()
    )?;
    Ok(group(rows)?.pop())
}

/// The payments of an order, the newest first.
pub async fn list_of_order(db: &Db, order: Uuid) -> Result<Vec<Payment>, StorageError> {
    group(fetch_all!(
        db,
        select!("where order_id = $1 order by payments.id desc, number"),
        order
    )?)
}

/// The payments of the order with this number, the newest first.
pub async fn list_of_order_number(db: &Db, number: &OrderNumber) -> Result<Vec<Payment>, StorageError> {
    let sql = select!("where order_number = $1 order by payments.id desc, number");
    group(fetch_all!(db, sql, number.as_str())?)
}

/// Unpaid invoices after this payment, the earliest due first.
pub async fn list_outstanding(db: &Db, after: Uuid, limit: i64) -> Result<Vec<Payment>, StorageError> {
    let sql = select!(
        "where payments.id in (
            select id from payments where due_at is not null and status = 'authorised'
            and (due_at, id) > (coalesce((select due_at from payments where id = $1), '1970-01-01 00:00:00+00:00'), $1)
            order by due_at, id limit $2)
        order by payments.due_at, payments.id, number"
    );
    group(fetch_all!(db, sql, after, limit)?)
}

/// The payments after this one, by id.
pub async fn list(db: &Db, after: Uuid, limit: i64) -> Result<Vec<Payment>, StorageError> {
    let sql = select!(
        "where payments.id in (select id from payments where id > $1 order by id limit $2) order by payments.id, number"
    );
    group(fetch_all!(db, sql, after, limit)?)
}

/// Counts the other unpaid invoices of the charge's client within a day. Those that are being decided at the same time count,
/// so that concurrent requests get too few invoices rather than too many.
pub async fn count_outstanding(db: &Db, charge: &Charge) -> Result<i64, StorageError> {
    let sql = "select count(*) from payments where client = $1 and id <> $2 and due_at is not null
        and status in ('pending', 'authorised')";
    let client = charge.client.map(|client| client.to_string());
    let (count,): (i64,) = fetch_one!(db, sql, client, charge.payment_id)?;
    Ok(count)
}

/// Clears the client of payments created before then.
pub async fn clear_clients(db: &Db, before: DateTime<Utc>) -> Result<(), StorageError> {
    let mut tx = db.begin().await?;
    let sql = "update payments set client = null where client is not null and created_at < $1";
    execute!(&mut tx, sql, before)?;
    tx.commit().await
}

/// Groups consecutive rows by payment.
fn group(rows: Vec<JoinedRow>) -> Result<Vec<Payment>, StorageError> {
    let mut payments: Vec<Payment> = Vec::new();
    for JoinedRow { payment, movement } in rows {
        match payments.last_mut() {
            Some(last) if last.charge.payment_id == payment.id => last.movements.push(movement.into()),
            _ => payments.push(payment.into_payment(vec![movement.into()])?),
        }
    }
    Ok(payments)
}

/// Inserts a payment with its movements, whose leases the caller holds until then.
///
/// # Errors
/// A conflict if the key is taken, or the order has another active payment.
pub async fn insert(
    batch: &Batch,
    key: &IdempotencyKey,
    payment: &Payment,
    until: DateTime<Utc>,
) -> Result<(), StorageError> {
    let charge = &payment.charge;
    let amount = Money::from(charge.amount);
    let sql = "insert into payments (id, idempotency_key, order_id, payment_method, amount, currency, status,
        provider_payment_id, return_url, created_at, provider, order_number, expires_at, due_at, client, redirect_url)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let mut tx = batch.begin().await?;
    let used = "update payment_methods set used = true where id = $1 and not used";
    execute!(&mut tx, used, payment.method.id.as_str())?;
    let inserted = execute!(
        &mut tx,
        sql,
        charge.payment_id,
        key.as_str(),
        charge.order,
        payment.method.id.as_str(),
        amount.minor,
        amount.currency.code(),
        payment.status.as_str(),
        payment.provider_payment_id.0.as_str(),
        charge.return_url.as_ref().map(ReturnUrl::as_str),
        payment.created_at,
        payment.method.provider.as_str(),
        charge.order_number.as_ref().map(OrderNumber::as_str),
        charge.expires_at,
        charge.due_at,
        charge.client.map(|client| client.to_string()),
        payment.redirect_url.as_deref(),
    );
    if let Err(error) = inserted {
        // The conflicting payment may be in this batch. The caller looks it up next, so the batch has to be committed.
        if is_conflict(&error) {
            tx.commit().await?;
        }
        return Err(error);
    }
    for movement in &payment.movements {
        movements::insert(&mut tx, charge.payment_id, movement, until).await?;
    }
    tx.commit().await
}

/// Updates a payment exclusively, and returns it with the result of `change`. New movements get the lease.
pub async fn update<T>(
    batch: &Batch,
    id: Uuid,
    lease: Lease,
    change: impl FnOnce(&mut Payment) -> Result<T, Error>,
) -> Result<(Payment, T), Error> {
    let mut tx = batch.begin().await?;
    match update_in(&mut tx, id, lease, change).await {
        // Nothing was written, but what was read may be uncommitted changes of the same batch: it has to be committed.
        Err(error @ (Error::NotFound(_) | Error::InvalidTransition(_))) => {
            tx.commit().await.map_err(Error::from).and(Err(error))
        }
        updated => {
            let updated = updated?;
            tx.commit().await?;
            Ok(updated)
        }
    }
}

/// The same as [`update`], within a transaction.
pub(super) async fn update_in<T>(
    tx: &mut Tx,
    id: Uuid,
    lease: Lease,
    change: impl FnOnce(&mut Payment) -> Result<T, Error>,
) -> Result<(Payment, T), Error> {
    let before = lock(tx, id).await?.ok_or(Error::NotFound("payment"))?;
    let mut payment = before.clone();
    let result = change(&mut payment)?;
    save(tx, &before, &payment, lease).await?;
    Ok((payment, result))
}

/// Reads a payment and locks it until the transaction ends: on PostgreSQL by an update of the row, on SQLite because there is
/// one writer.
async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Payment>, StorageError> {
    if let Tx::Postgres(_) = tx {
        execute!(tx, "update payments set status = status where id = $1", id)?;
    }
    let rows = fetch_all!(tx, select!("where payments.id = $1 order by number"), id)?;
    Ok(group(rows)?.pop())
}

/// Writes the changes, and in the same transaction the events that they cause.
async fn save(tx: &mut Tx, before: &Payment, payment: &Payment, lease: Lease) -> Result<(), StorageError> {
    let id = payment.id();
    if is_changed(before, payment) {
        let sql = "update payments set status = $1, authorised = $2, captured = $3, refunded = $4, declined = $5,
            redirect_url = $6, provider_payment_id = $7 where id = $8";
        execute!(
            tx,
            sql,
            payment.status.as_str(),
            payment.authorised,
            payment.captured,
            payment.refunded,
            payment.declined.map(Decline::as_str),
            payment.redirect_url.as_deref(),
            payment.provider_payment_id.0.as_str(),
            id,
        )?;
    }
    for movement in &payment.movements {
        match before.movement(movement.number) {
            None => movements::insert(tx, id, movement, lease.until).await?,
            Some(known) if known != movement => movements::update(tx, id, movement).await?,
            Some(_) => {}
        }
    }
    for event in events::of(before, payment, lease.now) {
        outbox::insert(tx, &event).await?;
    }
    Ok(())
}

fn is_changed(before: &Payment, payment: &Payment) -> bool {
    let totals = |payment: &Payment| (payment.authorised, payment.captured, payment.refunded);
    before.status != payment.status
        || totals(before) != totals(payment)
        || before.redirect_url != payment.redirect_url
        || before.provider_payment_id != payment.provider_payment_id
}
