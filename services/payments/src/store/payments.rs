//! Payments with their movements. What is about to be asked of the provider is committed before it is asked.

use chrono::{DateTime, Utc};
use money::{Currency, Money};
use service::IdempotencyKey;
use storage::{Db, Error as StorageError, Tx, execute, fetch_all, fetch_optional};
use uuid::Uuid;

use crate::domain::{
    Account, Amount, Authorisation, Charge, Decline, MethodId, Movement, Payment, ReturnUrl, Status, Token,
};
use crate::error::Error;
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
}

/// The columns of a [`Row`].
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, order_id, payment_method, amount, currency, status, authorised, captured, refunded,
            authorisation, declined, action, return_url, created_at,
            (select token from payment_methods where payment_methods.id = payments.payment_method) as token
            from payments ",
            $rest
        )
    };
}

/// The columns of a movement.
macro_rules! select_movements {
    ($rest:literal) => {
        concat!(
            "select payment_id, number, kind, amount, progress, reason, refund, idempotency_key, wish, created_at,
            settled_at from payment_movements ",
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
    let row: Option<Row> = fetch_optional!(db, select!("where id = $1"), id)?;
    complete(db, row).await
}

/// The one that this key asked for.
pub async fn find_by_key(db: &Db, key: &IdempotencyKey) -> Result<Option<Account>, StorageError> {
    let row: Option<Row> = fetch_optional!(db, select!("where idempotency_key = $1"), key.as_str())?;
    complete(db, row).await
}

async fn complete(db: &Db, row: Option<Row>) -> Result<Option<Account>, StorageError> {
    let Some(row) = row else { return Ok(None) };
    let sql = select_movements!("where payment_id = $1 order by number");
    let movements: Vec<movements::Row> = fetch_all!(db, sql, row.id)?;
    row.account(movements.into_iter().map(Movement::from).collect())
        .map(Some)
}

/// Those of an order, the newest first.
pub async fn list_of_order(db: &Db, order: Uuid) -> Result<Vec<Payment>, StorageError> {
    let rows: Vec<Row> = fetch_all!(db, select!("where order_id = $1 order by id desc"), order)?;
    let sql = select_movements!("where payment_id in (select id from payments where order_id = $1) order by number");
    let movements: Vec<movements::Row> = fetch_all!(db, sql, order)?;
    together(rows, movements)
}

/// So many after this one, in the order of their ids.
pub async fn list(db: &Db, after: Uuid, limit: usize) -> Result<Vec<Payment>, StorageError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows: Vec<Row> = fetch_all!(db, select!("where id > $1 order by id limit $2"), after, limit)?;
    let sql = select_movements!(
        "where payment_id in (select id from payments where id > $1 order by id limit $2) order by number"
    );
    let movements: Vec<movements::Row> = fetch_all!(db, sql, after, limit)?;
    together(rows, movements)
}

fn together(rows: Vec<Row>, movements: Vec<movements::Row>) -> Result<Vec<Payment>, StorageError> {
    let mut of = std::collections::HashMap::<Uuid, Vec<Movement>>::new();
    for row in movements {
        of.entry(row.payment_id).or_default().push(row.into());
    }
    let complete = |row: Row| {
        let movements = of.remove(&row.id).unwrap_or_default();
        row.account(movements).map(Payment::from)
    };
    rows.into_iter().map(complete).collect()
}

/// Writes a new one down; its movements are ours until that moment.
///
/// # Errors
/// A conflict where the key is taken, or the order has a payment.
pub async fn insert(
    db: &Db,
    key: &IdempotencyKey,
    account: &Account,
    until: DateTime<Utc>,
) -> Result<(), StorageError> {
    let charge = &account.charge;
    let amount = Money::from(charge.amount);
    let sql = "insert into payments (id, idempotency_key, order_id, payment_method, amount, currency, status,
        authorisation, return_url, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let mut tx = db.begin().await?;
    execute!(
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
    )?;
    for movement in &account.movements {
        movements::insert(&mut tx, charge.reference, movement, until).await?;
    }
    tx.commit().await
}

/// Changes one by `change`, which nobody else does meanwhile, and gives what `change` gave. New movements are ours until
/// that moment.
pub async fn update<T>(
    db: &Db,
    id: Uuid,
    until: DateTime<Utc>,
    change: impl FnOnce(&mut Account) -> Result<T, Error>,
) -> Result<(Account, T), Error> {
    let mut tx = db.begin().await?;
    let before = lock(&mut tx, id).await?.ok_or(Error::NotFound("payment"))?;
    let mut account = before.clone();
    let given = change(&mut account)?;
    save(&mut tx, &before, &account, until).await?;
    tx.commit().await?;
    Ok((account, given))
}

/// Reads one that nobody else changes until the transaction ends: on PostgreSQL an update of the row locks it.
async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Account>, StorageError> {
    execute!(tx, "update payments set status = status where id = $1", id)?;
    let row: Option<Row> = fetch_optional!(tx, select!("where id = $1"), id)?;
    let Some(row) = row else { return Ok(None) };
    let sql = select_movements!("where payment_id = $1 order by number");
    let movements: Vec<movements::Row> = fetch_all!(tx, sql, id)?;
    row.account(movements.into_iter().map(Movement::from).collect())
        .map(Some)
}

async fn save(tx: &mut Tx, before: &Account, account: &Account, until: DateTime<Utc>) -> Result<(), StorageError> {
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
            None => movements::insert(tx, id, movement, until).await?,
            Some(known) if known != movement => movements::update(tx, id, movement).await?,
            Some(_) => {}
        }
    }
    Ok(())
}
