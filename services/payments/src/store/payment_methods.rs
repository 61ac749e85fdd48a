//! Payment methods.

use chrono::{DateTime, Utc};
use storage::{Batch, Db, Error, execute, fetch_optional};

use crate::domain::card::CardBrand;
use crate::domain::{CardSummary, PaymentMethod, PaymentMethodId, PaymentMethodType, Token, TokenizedCard};

pub async fn insert(batch: &Batch, method: &PaymentMethod, now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into payment_methods (id, provider, type, brand, last4, token, fingerprint, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (card, token) = (method.card.as_ref(), method.token.as_ref());
    let mut tx = batch.begin().await?;
    execute!(
        &mut tx,
        sql,
        method.id.as_str(),
        method.provider.as_str(),
        method.method_type.as_str(),
        card.map(|card| card.brand.as_str()).unwrap_or_default(),
        card.map(|card| card.last4.as_str()).unwrap_or_default(),
        token.map(|card| card.token.0.as_str()).unwrap_or_default(),
        token.and_then(|card| card.fingerprint.as_deref()),
        now
    )?;
    tx.commit().await
}

#[derive(sqlx::FromRow)]
struct Row {
    provider: String,
    #[sqlx(try_from = "String")]
    method_type: PaymentMethodType,
    brand: String,
    last4: String,
    token: String,
    fingerprint: Option<String>,
}

pub async fn find(db: &Db, id: &PaymentMethodId) -> Result<Option<PaymentMethod>, Error> {
    let sql =
        "select provider, type as method_type, brand, last4, token, fingerprint from payment_methods where id = $1";
    let row: Option<Row> = fetch_optional!(db, sql, id.as_str())?;
    Ok(row.map(|row| PaymentMethod {
        id: id.clone(),
        provider: provider(row.provider, &row.token),
        method_type: row.method_type,
        card: CardBrand::try_from(row.brand).ok().map(|brand| CardSummary {
            brand,
            last4: row.last4,
        }),
        token: card(row.token, row.fingerprint),
    }))
}

/// The provider of a payment method. Those from before the column existed are recognised by their token.
fn provider(stored: String, token: &str) -> String {
    match () {
        () if !stored.is_empty() => stored,
        () if token.starts_with("tok_test_") => "test".to_owned(),
        () => "stripe".to_owned(),
    }
}

/// The token of a card; none for other types of payment methods.
pub fn card(token: String, fingerprint: Option<String>) -> Option<TokenizedCard> {
    (!token.is_empty()).then_some(TokenizedCard {
        token: Token(token),
        fingerprint,
    })
}

/// Deletes payment methods created before then that no payment uses.
pub async fn sweep(db: &Db, before: DateTime<Utc>) -> Result<(), Error> {
    let sql = "delete from payment_methods where not used and created_at < $1";
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, before)?;
    tx.commit().await
}
