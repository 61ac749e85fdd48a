//! Prices by SKU and currency.

use money::{Currency, Money};
use storage::{Db, Error, execute, fetch_in};

use crate::domain::{Item, Malformed, Price, Sku};

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    sku: Sku,
    currency: String,
    minor: i64,
    compare_at: Option<i64>,
}

fn price(minor: i64, currency: Currency) -> Result<Price, Error> {
    let price = Money::new(minor, currency).try_into();
    price.map_err(|error: Malformed| Error::Decode(error.into()))
}

/// Those of these SKUs in one currency; unknown ones are absent.
pub async fn list(db: &Db, skus: &[Sku], currency: Currency) -> Result<Vec<Item>, Error> {
    let rows: Vec<Row> = fetch_in!(
        db,
        "select sku, currency, minor, compare_at from prices where sku in",
        skus
    )?;
    rows.into_iter()
        .filter(|row| row.currency == currency.code())
        .map(|row| {
            Ok(Item {
                price: price(row.minor, currency)?,
                compare_at: row.compare_at.map(|minor| price(minor, currency)).transpose()?,
                sku: row.sku,
            })
        })
        .collect()
}

/// Sets it in its currency.
pub async fn update(db: &Db, item: &Item) -> Result<(), Error> {
    let sql = "insert into prices (sku, currency, minor, compare_at) values ($1, $2, $3, $4)
        on conflict (sku, currency) do update set minor = excluded.minor, compare_at = excluded.compare_at";
    let Money { minor, currency } = item.price.into();
    let compare_at = item.compare_at.map(|price| Money::from(price).minor);
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, item.sku.as_str(), currency.code(), minor, compare_at)?;
    tx.commit().await
}

/// Takes it away in one currency, or in all; false where there was none.
pub async fn remove(db: &Db, sku: &Sku, currency: Option<Currency>) -> Result<bool, Error> {
    let sql = "delete from prices where sku = $1 and ($2 is null or currency = $2)";
    let mut tx = db.begin().await?;
    let removed = execute!(&mut tx, sql, sku.as_str(), currency.map(Currency::code))?;
    tx.commit().await?;
    Ok(removed > 0)
}
