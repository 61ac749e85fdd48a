//! Payments. What is about to be asked of the provider is committed before it is asked.

use chrono::{DateTime, Utc};
use money::{Currency, Money};
use service::IdempotencyKey;
use storage::{Db, Error as StorageError, Tx, execute, fetch_one, fetch_optional, is_conflict};
use uuid::Uuid;

use crate::domain::{Amount, Change, Decline, MethodId, Payment, Request, Status, Violation};
use crate::error::Error;
use crate::provider::{Authorisation, Charge, Token};
use crate::store::payment_methods;

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
    authorisation: Option<String>,
    declined: Option<String>,
    token: String,
}

const BY_ID: &str = "select id, order_id, payment_method, amount, currency, status, authorisation, declined,
    (select token from payment_methods where payment_methods.id = payments.payment_method) as token
    from payments where id = $1";
const BY_KEY: &str = "select id, order_id, payment_method, amount, currency, status, authorisation, declined,
    (select token from payment_methods where payment_methods.id = payments.payment_method) as token
    from payments where idempotency_key = $1";

impl Row {
    fn amount(&self) -> Result<Amount, StorageError> {
        Currency::from_code(&self.currency)
            .and_then(|currency| Amount::try_from(Money::new(self.amount, currency)).ok())
            .ok_or_else(|| StorageError::Decode(format!("payment {} has no sound amount", self.id).into()))
    }

    fn payment(&self, status: Status) -> Result<Payment, StorageError> {
        Ok(Payment::new(self.id, self.order_id, self.amount()?, status))
    }

    fn is_for(&self, request: &Request) -> Result<bool, StorageError> {
        let same = self.order_id == request.order && self.payment_method == request.payment_method;
        Ok(same && self.amount()? == request.amount)
    }

    /// How far the provider is with it.
    fn begun(self) -> Result<Begun, StorageError> {
        if self.status == Status::Pending {
            return Ok(Begun::Pending(Charge {
                reference: self.id,
                amount: self.amount()?,
                token: Token(self.token),
            }));
        }
        self.answer().map(Begun::Answered)
    }

    /// The answer to the request that began it, whatever came later.
    fn answer(self) -> Result<Answer, StorageError> {
        let Some(declined) = self.declined else {
            return self.payment(Status::Authorised).map(Ok);
        };
        let decline = Decline::try_from(declined).map_err(|error| StorageError::Decode(error.into()))?;
        Ok(Err(decline))
    }
}

/// What came of asking for a payment.
pub type Answer = Result<Payment, Decline>;

/// A payment that was asked for.
#[derive(Debug)]
pub enum Begun {
    /// The provider is to be asked, for the first time or again.
    Pending(Charge),
    /// The provider has answered.
    Answered(Answer),
}

/// The one with this id.
pub async fn find(db: &Db, id: Uuid) -> Result<Option<Payment>, StorageError> {
    let row: Option<Row> = fetch_optional!(db, BY_ID, id)?;
    row.map(|row| row.payment(row.status)).transpose()
}

/// Begins a payment, or finds the one that this key began.
pub async fn insert(
    db: &Db,
    key: &IdempotencyKey,
    request: &Request,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Begun, Error> {
    if let Some(begun) = begun(db, key, request).await? {
        return Ok(begun);
    }
    let token = payment_methods::find_token(db, &request.payment_method).await?;
    let token = token.ok_or(Error::Invalid(Violation {
        pointer: "/payment_method",
        detail: "there is no such payment method",
    }))?;
    match begin(db, key, request, id, now).await {
        // Two requests with one key raced; or else the order has a live payment.
        Err(error) if is_conflict(&error) => begun(db, key, request).await?.ok_or(Error::OrderHasPayment),
        done => done.map_err(Error::from).map(|()| {
            Begun::Pending(Charge {
                reference: id,
                token,
                amount: request.amount,
            })
        }),
    }
}

async fn begun(db: &Db, key: &IdempotencyKey, request: &Request) -> Result<Option<Begun>, Error> {
    let row: Option<Row> = fetch_optional!(db, BY_KEY, key.as_str())?;
    match row {
        Some(row) if row.is_for(request)? => Ok(Some(row.begun()?)),
        Some(_) => Err(Error::KeyReused),
        None => Ok(None),
    }
}

async fn begin(
    db: &Db,
    key: &IdempotencyKey,
    request: &Request,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let amount = Money::from(request.amount);
    let sql = "insert into payments
        (id, idempotency_key, order_id, payment_method, amount, currency, status, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        sql,
        id,
        key.as_str(),
        request.order,
        request.payment_method.as_str(),
        amount.minor,
        amount.currency.code(),
        Status::Pending.as_str(),
        now,
    )?;
    tx.commit().await
}

/// Notes what the provider said, unless that was noted before: the first answer stays.
pub async fn answer(db: &Db, id: Uuid, verdict: &Result<Authorisation, Decline>) -> Result<Answer, StorageError> {
    let (status, authorisation, declined) = match verdict {
        Ok(Authorisation(name)) => (Status::Authorised, Some(name.as_str()), None),
        Err(decline) => (Status::Declined, None, Some(decline.as_str())),
    };
    let sql = "update payments set status = $1, authorisation = $2, declined = $3
        where id = $4 and status = 'pending'";
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, status.as_str(), authorisation, declined, id)?;
    settled(tx, id).await?.answer()
}

/// A payment that is to be changed.
#[derive(Debug)]
pub enum Claim {
    /// It was changed so before.
    Done(Payment),
    /// The provider is to be asked; nobody else can ask it for something else.
    Open(Authorisation),
}

/// Claims an authorised payment for one change.
pub async fn claim(db: &Db, id: Uuid, change: Change) -> Result<Claim, Error> {
    let sql = "update payments set intent = $1
        where id = $2 and status = 'authorised' and (intent is null or intent = $1)";
    let mut tx = db.begin().await?;
    let claimed = execute!(&mut tx, sql, change.as_str(), id)? == 1;
    let row: Option<Row> = fetch_optional!(&mut tx, BY_ID, id)?;
    tx.commit().await?;
    let row = row.ok_or(Error::NotFound("payment"))?;
    match (&row.authorisation, row.status) {
        (Some(name), Status::Authorised) if claimed => Ok(Claim::Open(Authorisation(name.clone()))),
        (_, Status::Authorised) => Err(Error::Busy),
        (_, status) if status == change.outcome() => Ok(Claim::Done(row.payment(status)?)),
        (_, status) => Err(Error::WrongState(status)),
    }
}

/// Notes that the provider has done it.
pub async fn finish(db: &Db, id: Uuid, change: Change) -> Result<Payment, Error> {
    let sql = "update payments set status = $1, intent = null where id = $2 and intent = $3";
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, change.outcome().as_str(), id, change.as_str())?;
    let row = settled(tx, id).await?;
    Ok(row.payment(row.status)?)
}

async fn settled(mut tx: Tx, id: Uuid) -> Result<Row, StorageError> {
    let row: Row = fetch_one!(&mut tx, BY_ID, id)?;
    tx.commit().await?;
    Ok(row)
}
