//! Payments with their movements. What is about to be asked of the provider is committed before it is asked.

use ::events::outbox;
use chrono::{DateTime, Utc};
use money::{Currency, Money};
use service::IdempotencyKey;
use storage::{Batch, Db, Error as StorageError, Tx, execute, fetch_all, is_conflict};
use uuid::Uuid;

use crate::desk::Moment;
use crate::domain::{
    Account, Amount, Authorisation, Charge, Decline, MethodId, Movement, Payment, ReturnUrl, Status, Token,
};
use crate::error::Error;
use crate::events;
use crate::store::movements;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    order_id: Uuid,
    #[sqlx(try_from = "String")]
    payment_method: MethodId,
    amount: i64,
    currency: String,
    #[sqlx(try_from = "String")]
    status: Status,
    authorised: i64,
    captured: i64,
    refunded: i64,
    authorisation: Option<String>,
    declined: Option<String>,
    action: Option<String>,
    return_url: Option<String>,
    created_at: DateTime<Utc>,
    token: String,
    fingerprint: Option<String>,
}

/// A payment beside one of its movements.
#[derive(sqlx::FromRow)]
struct Line {
    #[sqlx(flatten)]
    payment: Row,
    #[sqlx(flatten)]
    movement: movements::Row,
}

/// The lines of payments. One statement for both: read one after the other, they could be of two moments.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, order_id, payment_method, payments.amount, currency, status, authorised, captured, refunded,
            authorisation, declined, action, return_url, payments.created_at,
            (select token from payment_methods where payment_methods.id = payments.payment_method) as token,
            (select fingerprint from payment_methods where payment_methods.id = payments.payment_method) as fingerprint,
            number, kind, movements.amount as moved, progress, reason, refund, movements.idempotency_key as refund_key,
            wish, movements.created_at as begun_at, settled_at
            from payments join payment_movements as movements on movements.payment_id = payments.id ",
            $rest
        )
    };
}

impl Row {
    fn account(self, movements: Vec<Movement>) -> Result<Account, StorageError> {
        let unsound = |what| StorageError::Decode(format!("payment {} has no sound {what}", self.id).into());
        let currency = Currency::from_code(&self.currency).ok_or_else(|| unsound("currency"))?;
        let amount = Amount::try_from(Money::new(self.amount, currency)).map_err(|_| unsound("amount"))?;
        let declined = self.declined.map(Decline::try_from).transpose();
        let return_url = self.return_url.map(ReturnUrl::try_from).transpose();
        Ok(Account {
            charge: Charge {
                reference: self.id,
                order: self.order_id,
                amount,
                token: Token(self.token),
                return_url: return_url.map_err(|error| StorageError::Decode(error.into()))?,
            },
            method: self.payment_method,
            fingerprint: self.fingerprint,
            name: Authorisation(self.authorisation.unwrap_or_default()),
            status: self.status,
            authorised: self.authorised,
            captured: self.captured,
            refunded: self.refunded,
            declined: declined.map_err(|error| StorageError::Decode(error.into()))?,
            action: self.action,
            movements,
            created_at: self.created_at,
        })
    }
}

/// The one with this id.
pub async fn find(db: &Db, id: Uuid) -> Result<Option<Account>, StorageError> {
    let lines = fetch_all!(db, select!("where id = $1 order by number"), id)?;
    Ok(together(lines)?.pop())
}

/// The one that this key asked for.
pub async fn find_by_key(db: &Db, key: &IdempotencyKey) -> Result<Option<Account>, StorageError> {
    let sql = select!("where payments.idempotency_key = $1 order by number");
    let lines = fetch_all!(db, sql, key.as_str())?;
    Ok(together(lines)?.pop())
}

/// The one that the provider calls so.
pub async fn find_by_name(db: &Db, name: &Authorisation) -> Result<Option<Account>, StorageError> {
    let lines = fetch_all!(
        db,
        select!("where authorisation = $1 order by id, number"),
        name.0.as_str()
    )?;
    Ok(together(lines)?.pop())
}

/// Those of an order, the newest first.
pub async fn list_of_order(db: &Db, order: Uuid) -> Result<Vec<Payment>, StorageError> {
    let lines = fetch_all!(db, select!("where order_id = $1 order by id desc, number"), order)?;
    Ok(together(lines)?.into_iter().map(Payment::from).collect())
}

/// So many after this one, in the order of their ids.
pub async fn list(db: &Db, after: Uuid, limit: i64) -> Result<Vec<Payment>, StorageError> {
    let sql = select!("where id in (select id from payments where id > $1 order by id limit $2) order by id, number");
    let lines = fetch_all!(db, sql, after, limit)?;
    Ok(together(lines)?.into_iter().map(Payment::from).collect())
}

/// Payments from lines that stand together.
fn together(lines: Vec<Line>) -> Result<Vec<Account>, StorageError> {
    let mut accounts: Vec<Account> = Vec::new();
    for Line { payment, movement } in lines {
        match accounts.last_mut() {
            Some(last) if last.charge.reference == payment.id => last.movements.push(movement.into()),
            _ => accounts.push(payment.account(vec![movement.into()])?),
        }
    }
    Ok(accounts)
}

/// Writes a new one down; its movements are ours until that moment.
///
/// # Errors
/// A conflict where the key is taken, or the order has a payment.
pub async fn insert(
    batch: &Batch,
    key: &IdempotencyKey,
    account: &Account,
    until: DateTime<Utc>,
) -> Result<(), StorageError> {
    let charge = &account.charge;
    let amount = Money::from(charge.amount);
    let sql = "insert into payments (id, idempotency_key, order_id, payment_method, amount, currency, status,
        authorisation, return_url, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let mut tx = batch.begin().await?;
    let used = "update payment_methods set used = true where id = $1 and not used";
    execute!(&mut tx, used, account.method.as_str())?;
    let inserted = execute!(
        &mut tx,
        sql,
        charge.reference,
        key.as_str(),
        charge.order,
        account.method.as_str(),
        amount.minor,
        amount.currency.code(),
        account.status.as_str(),
        account.name.0.as_str(),
        charge.return_url.as_ref().map(ReturnUrl::as_str),
        account.created_at,
    );
    if let Err(error) = inserted {
        // Whoever has the key may have it in this very batch, and is to be found when we are back.
        if is_conflict(&error) {
            tx.commit().await?;
        }
        return Err(error);
    }
    for movement in &account.movements {
        movements::insert(&mut tx, charge.reference, movement, until).await?;
    }
    tx.commit().await
}

/// Changes one by `change`, which nobody else does meanwhile, and gives what `change` gave. New movements are ours until
/// that moment.
pub async fn update<T>(
    batch: &Batch,
    id: Uuid,
    moment: Moment,
    change: impl FnOnce(&mut Account) -> Result<T, Error>,
) -> Result<(Account, T), Error> {
    let mut tx = batch.begin().await?;
    match update_in(&mut tx, id, moment, change).await {
        // Nothing was written, but what was read may be others' in this very batch: it is to be true.
        Err(error @ (Error::NotFound(_) | Error::WrongState(_))) => {
            tx.commit().await.map_err(Error::from).and(Err(error))
        }
        updated => {
            let updated = updated?;
            tx.commit().await?;
            Ok(updated)
        }
    }
}

/// Likewise, as a part of something greater.
pub(super) async fn update_in<T>(
    tx: &mut Tx,
    id: Uuid,
    moment: Moment,
    change: impl FnOnce(&mut Account) -> Result<T, Error>,
) -> Result<(Account, T), Error> {
    let before = lock(tx, id).await?.ok_or(Error::NotFound("payment"))?;
    let mut account = before.clone();
    let given = change(&mut account)?;
    save(tx, &before, &account, moment).await?;
    Ok((account, given))
}

/// Reads one that nobody else changes until the transaction ends: on PostgreSQL an update of the row locks it; SQLite
/// has one writer.
async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Account>, StorageError> {
    if let Tx::Postgres(_) = tx {
        execute!(tx, "update payments set status = status where id = $1", id)?;
    }
    let lines = fetch_all!(tx, select!("where id = $1 order by number"), id)?;
    Ok(together(lines)?.pop())
}

/// What has become of it is told in the same transaction.
async fn save(tx: &mut Tx, before: &Account, account: &Account, moment: Moment) -> Result<(), StorageError> {
    let id = account.charge.reference;
    let totals = |account: &Account| (account.authorised, account.captured, account.refunded);
    if before.status != account.status || totals(before) != totals(account) || before.action != account.action {
        let sql = "update payments set status = $1, authorised = $2, captured = $3, refunded = $4, declined = $5,
            action = $6 where id = $7";
        let (authorised, captured, refunded) = totals(account);
        let declined = account.declined.map(Decline::as_str);
        let (status, action) = (account.status.as_str(), account.action.as_deref());
        execute!(tx, sql, status, authorised, captured, refunded, declined, action, id)?;
    }
    for movement in &account.movements {
        match before.movement(movement.number) {
            None => movements::insert(tx, id, movement, moment.until).await?,
            Some(known) if known != movement => movements::update(tx, id, movement).await?,
            Some(_) => {}
        }
    }
    for event in events::of(before, account, moment.now) {
        outbox::insert(tx, &event).await?;
    }
    Ok(())
}
