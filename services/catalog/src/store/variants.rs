//! Variants by themselves.

use storage::{Db, Error, fetch_in};

use crate::domain::{Article, Name, Parent, Sku, Slug};

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
}

impl TryFrom<Row> for Article {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let picture = row.picture.map(Slug::try_from).transpose();
        let picture = picture.map_err(|error| Error::Decode(error.into()))?;
        Ok(Self {
            sku: row.sku,
            label: row.label,
            product: Parent {
                slug: row.product,
                name: row.name,
                picture,
            },
        })
    }
}

/// Those with these SKUs, in no order.
pub async fn list(db: &Db, skus: &[Sku]) -> Result<Vec<Article>, Error> {
    let rows: Vec<Row> = fetch_in!(
        db,
        "select variants.sku, variants.label, variants.product, products.name, products.picture
        from variants join products on products.slug = variants.product
        where variants.sku in",
        skus
    )?;
    rows.into_iter().map(Article::try_from).collect()
}
