//! Variants with their products.

use storage::{Db, Error as StorageError, Json, execute, fetch_in, fetch_one, fetch_optional};
use values::Slug;

use super::optional;
use crate::domain::{Name, Picture, ProductRef, ProductStatus, Sku, VariantWithProduct};
use crate::error::Error;

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
    status: ProductStatus,
    picture: Option<String>,
    pictures: Json<Vec<Picture>>,
}

impl TryFrom<Row> for VariantWithProduct {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        let first = row.pictures.0.into_iter().next().map(|picture| picture.name);
        Ok(Self {
            sku: row.sku,
            label: row.label,
            picture: optional(row.picture)?.or(first),
            product: ProductRef {
                slug: row.product,
                name: row.name,
                status: row.status,
            },
        })
    }
}

/// The variants with these SKUs that exist, in no particular order.
pub async fn list(db: &Db, skus: &[Sku]) -> Result<Vec<VariantWithProduct>, StorageError> {
    let rows: Vec<Row> = fetch_in!(
        db,
        "select variants.sku, variants.label, variants.product, variants.picture, products.name, products.status,
            products.pictures
        from variants join products on products.slug = variants.product
        where variants.sku in",
        skus
    )?;
    rows.into_iter().map(VariantWithProduct::try_from).collect()
}

/// Deletes a variant. False if it does not exist.
///
/// # Errors
/// It is the only variant of its product.
pub async fn delete(db: &Db, sku: &Sku) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let sql = "select product from variants where sku = $1";
    let Some((product,)): Option<(String,)> = fetch_optional!(&mut tx, sql, sku.as_str())? else {
        return Ok(false);
    };
    // Locks the product's row, so that changes to its variants wait for each other.
    execute!(&mut tx, "update products set status = status where slug = $1", &product)?;
    let deleted = execute!(&mut tx, "delete from variants where sku = $1", sku.as_str())?;
    let sql = "select count(*) from variants where product = $1";
    let (remaining,): (i64,) = fetch_one!(&mut tx, sql, &product)?;
    if remaining == 0 {
        return Err(Error::LastVariant);
    }
    tx.commit().await?;
    Ok(deleted > 0)
}
