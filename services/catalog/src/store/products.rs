//! Products with their variants.

use std::collections::BTreeMap;

use storage::{Db, Json, Tx, execute, fetch_all, fetch_in, fetch_optional, is_conflict};

use crate::domain::{Choice, Cursor, Description, Name, Product, Sku, Slug, Summary, Variant, Violation};
use crate::error::Error;

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    slug: Slug,
    #[sqlx(try_from = "String")]
    name: Name,
    #[sqlx(try_from = "String")]
    summary: Summary,
    #[sqlx(try_from = "String")]
    description: Description,
    #[sqlx(try_from = "String")]
    category: Slug,
    #[sqlx(try_from = "String")]
    maker: Name,
    picture: Option<String>,
    options: Json<Vec<Choice>>,
}

impl Row {
    fn with(self, variants: Vec<Variant>) -> Result<Product, Error> {
        let picture = self.picture.map(Slug::try_from).transpose();
        Ok(Product {
            slug: self.slug,
            name: self.name,
            summary: self.summary,
            description: self.description,
            category: self.category,
            maker: self.maker,
            picture: picture.map_err(|error| storage::Error::Decode(error.into()))?,
            options: self.options.0,
            variants,
        })
    }
}

#[derive(sqlx::FromRow)]
struct VariantRow {
    product: String,
    position: i64,
    #[sqlx(try_from = "String")]
    sku: Sku,
    #[sqlx(try_from = "String")]
    label: Name,
    options: Json<BTreeMap<Name, Name>>,
}

/// At most `limit` by name and slug, after a place in that order.
pub async fn list(
    db: &Db,
    category: Option<&Slug>,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Vec<Product>, Error> {
    let sql = "select slug, name, summary, description, category, maker, picture, options from products
        where ($1 is null or category = $1) and ($2 is null or (name, slug) > ($2, $3))
        order by name, slug limit $4";
    let category = category.map(Slug::as_str);
    let (name, slug) = after
        .map(|Cursor { name, slug }| (name.as_str(), slug.as_str()))
        .unzip();
    let rows: Vec<Row> = fetch_all!(db, sql, category, name, slug, i64::try_from(limit).unwrap_or(i64::MAX))?;
    complete(db, rows).await
}

/// The one with this slug.
pub async fn find(db: &Db, slug: &Slug) -> Result<Option<Product>, Error> {
    let sql = "select slug, name, summary, description, category, maker, picture, options from products
        where slug = $1";
    let row: Option<Row> = fetch_optional!(db, sql, slug.as_str())?;
    Ok(complete(db, row.into_iter().collect()).await?.pop())
}

/// Adds the variants, of all products at once.
async fn complete(db: &Db, rows: Vec<Row>) -> Result<Vec<Product>, Error> {
    let slugs: Vec<&Slug> = rows.iter().map(|row| &row.slug).collect();
    let mut variants: Vec<VariantRow> = fetch_in!(
        db,
        "select product, position, sku, label, options from variants where product in",
        &slugs
    )?;
    variants.sort_unstable_by_key(|variant| variant.position);
    let mut by_product = BTreeMap::<String, Vec<Variant>>::new();
    for VariantRow {
        product,
        sku,
        label,
        options,
        ..
    } in variants
    {
        by_product.entry(product).or_default().push(Variant {
            sku,
            label,
            options: options.0,
        });
    }
    let complete = |row: Row| {
        let variants = by_product.remove(row.slug.as_str()).unwrap_or_default();
        row.with(variants)
    };
    rows.into_iter().map(complete).collect()
}

/// Creates it, or replaces it with all its variants.
pub async fn update(db: &Db, product: &Product) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let category: Option<(String,)> = fetch_optional!(
        &mut tx,
        "select slug from categories where slug = $1",
        product.category.as_str()
    )?;
    if category.is_none() {
        return Err(Violation::new("/category", "there is no such category").into());
    }
    let sql = "insert into products (slug, name, summary, description, category, maker, picture, options)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (slug) do update set
            name = excluded.name, summary = excluded.summary, description = excluded.description,
            category = excluded.category, maker = excluded.maker, picture = excluded.picture,
            options = excluded.options";
    execute!(
        &mut tx,
        sql,
        product.slug.as_str(),
        product.name.as_str(),
        product.summary.as_str(),
        product.description.as_str(),
        product.category.as_str(),
        product.maker.as_str(),
        product.picture.as_ref().map(Slug::as_str),
        Json(&product.options),
    )?;
    replace_variants(&mut tx, product).await?;
    tx.commit().await.map_err(Error::from)
}

async fn replace_variants(tx: &mut Tx, product: &Product) -> Result<(), Error> {
    execute!(tx, "delete from variants where product = $1", product.slug.as_str())?;
    let mut variants: Vec<(i64, &Variant)> = (0..).zip(&product.variants).collect();
    // In one order everywhere: two products that want the same SKUs must not wait for each other.
    variants.sort_unstable_by_key(|(_, variant)| &variant.sku);
    for (position, Variant { sku, label, options }) in variants {
        let sql = "insert into variants (sku, product, position, label, options) values ($1, $2, $3, $4, $5)";
        let values = (product.slug.as_str(), label.as_str(), Json(options));
        match execute!(tx, sql, sku.as_str(), values.0, position, values.1, values.2) {
            Err(error) if is_conflict(&error) => return Err(Error::SkuTaken(sku.clone())),
            inserted => inserted.map(drop)?,
        }
    }
    Ok(())
}
