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
}

impl Row {
    fn price(&self, currency: Currency) -> Result<Price, Error> {
        Money::new(self.minor, currency)
            .try_into()
            .map_err(|error: Malformed| Error::Decode(error.into()))
    }
}

/// Those of these SKUs in one currency; unknown ones are absent.
pub async fn list(db: &Db, skus: &[Sku], currency: Currency) -> Result<Vec<Item>, Error> {
    let rows: Vec<Row> = fetch_in!(db, "select sku, currency, minor from prices where sku in", skus)?;
    rows.into_iter()
        .filter(|row| row.currency == currency.code())
        .map(|row| {
            Ok(Item {
                price: row.price(currency)?,
                sku: row.sku,
            })
        })
        .collect()
}

/// Sets it in its currency.
pub async fn update(db: &Db, item: &Item) -> Result<(), Error> {
    let sql = "insert into prices (sku, currency, minor) values ($1, $2, $3)
        on conflict (sku, currency) do update set minor = excluded.minor";
    let Money { minor, currency } = item.price.into();
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, item.sku.as_str(), currency.code(), minor)?;
    tx.commit().await
}
