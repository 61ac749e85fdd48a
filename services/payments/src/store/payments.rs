//! Payments with their movements. What is about to be asked of the provider is committed before it is asked.

use ::events::outbox;
use chrono::{DateTime, Utc};
use money::{Currency, Money};
use service::IdempotencyKey;
use storage::{Batch, Db, Error as StorageError, Tx, execute, fetch_all, fetch_one, is_conflict};
use uuid::Uuid;

use crate::desk::Moment;
use crate::domain::{
    Account, Amount, Charge, Decline, Method, MethodId, MethodType, Movement, OrderNumber, ProviderPaymentId,
    ReturnUrl, Status,
};
use crate::error::Error;
use crate::events;
use crate::store::{movements, payment_methods};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    order_id: Uuid,
    order_number: Option<String>,
    #[sqlx(try_from = "String")]
    payment_method: MethodId,
    provider: String,
    #[sqlx(try_from = "String")]
    method_type: MethodType,
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
    expires_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    client: Option<String>,
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
            "select payments.id, order_id, order_number, payment_method, payments.provider, methods.type as method_type,
            payments.amount, currency, status, authorised, captured, refunded, authorisation, declined, action, return_url,
            expires_at, payments.due_at as due_at, client, payments.created_at, token, fingerprint,
            number, kind, movements.amount as moved, progress, reason, refund, movements.idempotency_key as refund_key,
            wish, movements.created_at as begun_at, settled_at
            from payments join payment_movements as movements on movements.payment_id = payments.id
            join payment_methods as methods on methods.id = payments.payment_method ",
            $rest
        )
    };
}

/// Whose a payment is, where only its name tells. No name leads to a provider that says yes to whatever it is asked.
fn provider(written: String, authorisation: Option<&str>) -> String {
    let begins = |with| authorisation.is_some_and(|name| name.starts_with(with));
    match () {
        () if !written.is_empty() => written,
        () if begins("test") => "test".to_owned(),
        () if begins("pi_") => "stripe".to_owned(),
        () => "unknown".to_owned(),
    }
}

impl Row {
    fn account(self, movements: Vec<Movement>) -> Result<Account, StorageError> {
        let unsound = |what| StorageError::Decode(format!("payment {} has no sound {what}", self.id).into());
        let currency = Currency::from_code(&self.currency).ok_or_else(|| unsound("currency"))?;
        let amount = Amount::try_from(Money::new(self.amount, currency)).map_err(|_| unsound("amount"))?;
        let declined = self.declined.map(Decline::try_from).transpose();
        let return_url = self.return_url.map(ReturnUrl::try_from).transpose();
        let order_number = self.order_number.map(OrderNumber::try_from).transpose();
        let card = payment_methods::card(self.token, self.fingerprint);
        Ok(Account {
            charge: Charge {
                reference: self.id,
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
            method: Method {
                id: self.payment_method,
                provider: provider(self.provider, self.authorisation.as_deref()),
                method_type: self.method_type,
                card: None,
                token: card,
            },
            provider_payment: ProviderPaymentId(self.authorisation.unwrap_or_default()),
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
    let lines = fetch_all!(db, select!("where payments.id = $1 order by number"), id)?;
    Ok(together(lines)?.pop())
}

/// The one that this key asked for.
pub async fn find_by_key(db: &Db, key: &IdempotencyKey) -> Result<Option<Account>, StorageError> {
    let sql = select!("where payments.idempotency_key = $1 order by number");
    let lines = fetch_all!(db, sql, key.as_str())?;
    Ok(together(lines)?.pop())
}

/// The one that the provider calls so.
pub async fn find_by_name(db: &Db, name: &ProviderPaymentId) -> Result<Option<Account>, StorageError> {
    let lines = fetch_all!(
        db,
        select!("where authorisation = $1 order by payments.id, number"),
        name.0.as_str()
    )?;
    Ok(together(lines)?.pop())
}

/// Those of an order, the newest first.
pub async fn list_of_order(db: &Db, order: Uuid) -> Result<Vec<Account>, StorageError> {
    together(fetch_all!(
        db,
        select!("where order_id = $1 order by payments.id desc, number"),
        order
    )?)
}

/// Those of the order that people call so, the newest first.
pub async fn list_of_order_number(db: &Db, number: &OrderNumber) -> Result<Vec<Account>, StorageError> {
    let sql = select!("where order_number = $1 order by payments.id desc, number");
    together(fetch_all!(db, sql, number.as_str())?)
}

/// Invoices that are not paid yet, the longest due first: so many after this one.
pub async fn list_owed(db: &Db, after: Uuid, limit: i64) -> Result<Vec<Account>, StorageError> {
    let sql = select!(
        "where payments.id in (
            select id from payments where due_at is not null and status = 'authorised'
            and (due_at, id) > (coalesce((select due_at from payments where id = $1), '1970-01-01 00:00:00+00:00'), $1)
            order by due_at, id limit $2)
        order by payments.due_at, payments.id, number"
    );
    together(fetch_all!(db, sql, after, limit)?)
}

/// So many after this one, in the order of their ids.
pub async fn list(db: &Db, after: Uuid, limit: i64) -> Result<Vec<Account>, StorageError> {
    let sql = select!(
        "where payments.id in (select id from payments where id > $1 order by id limit $2) order by payments.id, number"
    );
    together(fetch_all!(db, sql, after, limit)?)
}

/// How many other orders on account this client has placed within a day, and not paid. One whose credit is being decided at
/// this moment counts, so that of several at once too few have it rather than too many.
pub async fn count_owed(db: &Db, charge: &Charge) -> Result<i64, StorageError> {
    let sql = "select count(*) from payments where client = $1 and id <> $2 and due_at is not null
        and status in ('pending', 'authorised')";
    let client = charge.client.map(|client| client.to_string());
    let (owed,): (i64,) = fetch_one!(db, sql, client, charge.reference)?;
    Ok(owed)
}

/// Forgets the clients of payments of before.
pub async fn forget_clients(db: &Db, before: DateTime<Utc>) -> Result<(), StorageError> {
    let mut tx = db.begin().await?;
    let sql = "update payments set client = null where client is not null and created_at < $1";
    execute!(&mut tx, sql, before)?;
    tx.commit().await
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
        authorisation, return_url, created_at, provider, order_number, expires_at, due_at, client, action)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let mut tx = batch.begin().await?;
    let used = "update payment_methods set used = true where id = $1 and not used";
    execute!(&mut tx, used, account.method.id.as_str())?;
    let inserted = execute!(
        &mut tx,
        sql,
        charge.reference,
        key.as_str(),
        charge.order,
        account.method.id.as_str(),
        amount.minor,
        amount.currency.code(),
        account.status.as_str(),
        account.provider_payment.0.as_str(),
        charge.return_url.as_ref().map(ReturnUrl::as_str),
        account.created_at,
        account.method.provider.as_str(),
        charge.order_number.as_ref().map(OrderNumber::as_str),
        charge.expires_at,
        charge.due_at,
        charge.client.map(|client| client.to_string()),
        account.action.as_deref(),
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
    let lines = fetch_all!(tx, select!("where payments.id = $1 order by number"), id)?;
    Ok(together(lines)?.pop())
}

/// What has become of it is told in the same transaction.
async fn save(tx: &mut Tx, before: &Account, account: &Account, moment: Moment) -> Result<(), StorageError> {
    let id = account.charge.reference;
    if is_changed(before, account) {
        let sql = "update payments set status = $1, authorised = $2, captured = $3, refunded = $4, declined = $5,
            action = $6, authorisation = $7 where id = $8";
        execute!(
            tx,
            sql,
            account.status.as_str(),
            account.authorised,
            account.captured,
            account.refunded,
            account.declined.map(Decline::as_str),
            account.action.as_deref(),
            account.provider_payment.0.as_str(),
            id,
        )?;
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

fn is_changed(before: &Account, account: &Account) -> bool {
    let totals = |account: &Account| (account.authorised, account.captured, account.refunded);
    before.status != account.status
        || totals(before) != totals(account)
        || before.action != account.action
        || before.provider_payment != account.provider_payment
}
