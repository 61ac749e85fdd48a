//! Variants by themselves.

use storage::{Db, Error, Json, execute, fetch_in, fetch_one, fetch_optional};

use super::optional;
use crate::domain::{Article, Name, Parent, Picture, Sku, Slug, Status};
use crate::error::Error as Refusal;

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    sku: Sku,
    #[sqlx(try_from = "String")]
    label: Name,
    #[sqlx(try_from = "String")]
    product: Slug,
    #[sqlx(try_from = "String")]
    name: Name,
    #[sqlx(try_from = "String")]
    status: Status,
    picture: Option<String>,
    pictures: Json<Vec<Picture>>,
}

impl TryFrom<Row> for Article {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let first = row.pictures.0.into_iter().next().map(|picture| picture.name);
        Ok(Self {
            sku: row.sku,
            label: row.label,
            picture: optional(row.picture)?.or(first),
            product: Parent {
                slug: row.product,
                name: row.name,
                status: row.status,
            },
        })
    }
}

/// Those with these SKUs, in no order.
pub async fn list(db: &Db, skus: &[Sku]) -> Result<Vec<Article>, Error> {
    let rows: Vec<Row> = fetch_in!(
        db,
        "select variants.sku, variants.label, variants.product, variants.picture, products.name, products.status,
            products.pictures
        from variants join products on products.slug = variants.product
        where variants.sku in",
        skus
    )?;
    rows.into_iter().map(Article::try_from).collect()
}

/// Takes it out of its product; false where there is no such variant.
///
/// # Errors
/// The product has no other.
pub async fn remove(db: &Db, sku: &Sku) -> Result<bool, Refusal> {
    let mut tx = db.begin().await?;
    let sql = "select product from variants where sku = $1";
    let Some((product,)): Option<(String,)> = fetch_optional!(&mut tx, sql, sku.as_str())? else {
        return Ok(false);
    };
    // The product's row is what those who change its variants wait for.
    execute!(&mut tx, "update products set status = status where slug = $1", &product)?;
    let removed = execute!(&mut tx, "delete from variants where sku = $1", sku.as_str())?;
    let sql = "select count(*) from variants where product = $1";
    let (left,): (i64,) = fetch_one!(&mut tx, sql, &product)?;
    if left == 0 {
        return Err(Refusal::LastVariant);
    }
    tx.commit().await?;
    Ok(removed > 0)
}
