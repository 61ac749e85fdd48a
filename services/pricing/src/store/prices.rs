//! Prices by SKU and currency.

use money::{Currency, Money};
use storage::{Db, Error, execute, fetch_in};
use values::Malformed;

use crate::domain::{Sku, SkuPrice, UnitPrice};

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    sku: Sku,
    currency: String,
    minor: i64,
    compare_at: Option<i64>,
}

fn unit_price(minor: i64, currency: Currency) -> Result<UnitPrice, Error> {
    let price = Money::new(minor, currency).try_into();
    price.map_err(|error: Malformed| Error::Decode(error.into()))
}

/// The prices of these SKUs in one currency. SKUs without a price are omitted.
pub async fn list(db: &Db, skus: &[Sku], currency: Currency) -> Result<Vec<SkuPrice>, Error> {
    let rows: Vec<Row> = fetch_in!(
        db,
        "select sku, currency, minor, compare_at from prices where sku in",
        skus
    )?;
    rows.into_iter()
        .filter(|row| row.currency == currency.code())
        .map(|row| {
            Ok(SkuPrice {
                price: unit_price(row.minor, currency)?,
                compare_at: row.compare_at.map(|minor| unit_price(minor, currency)).transpose()?,
                sku: row.sku,
            })
        })
        .collect()
}

/// Creates or replaces a price.
pub async fn update(db: &Db, price: &SkuPrice) -> Result<(), Error> {
    let sql = "insert into prices (sku, currency, minor, compare_at) values ($1, $2, $3, $4)
        on conflict (sku, currency) do update set minor = excluded.minor, compare_at = excluded.compare_at";
    let Money { minor, currency } = price.price.into();
    let compare_at = price.compare_at.map(|price| Money::from(price).minor);
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, price.sku.as_str(), currency.code(), minor, compare_at)?;
    tx.commit().await
}

/// Deletes the price of a SKU in one currency, or in all. False if there was none.
pub async fn delete(db: &Db, sku: &Sku, currency: Option<Currency>) -> Result<bool, Error> {
    let sql = "delete from prices where sku = $1 and ($2 is null or currency = $2)";
    let mut tx = db.begin().await?;
    let deleted = execute!(&mut tx, sql, sku.as_str(), currency.map(Currency::code))?;
    tx.commit().await?;
    Ok(deleted > 0)
}
