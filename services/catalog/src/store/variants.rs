//! Variants by themselves.

use storage::{Db, Error, Json, fetch_in};

use super::optional;
use crate::domain::{Article, Name, Parent, Picture, Sku, Slug};

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
            },
        })
    }
}

/// Those with these SKUs, in no order.
pub async fn list(db: &Db, skus: &[Sku]) -> Result<Vec<Article>, Error> {
    let rows: Vec<Row> = fetch_in!(
        db,
        "select variants.sku, variants.label, variants.product, variants.picture, products.name, products.pictures
        from variants join products on products.slug = variants.product
        where variants.sku in",
        skus
    )?;
    rows.into_iter().map(Article::try_from).collect()
}
