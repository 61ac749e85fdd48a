//! Products with their variants.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use storage::{Db, Json, Tx, execute, fetch_in, fetch_optional, is_conflict};

use super::optional;
use crate::domain::{Choice, Description, Detail, Name, Picture, Product, Sku, Slug, Summary, Variant, Violation};
use crate::error::Error;

/// A product without its variants.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    #[sqlx(try_from = "String")]
    pub slug: Slug,
    #[sqlx(try_from = "String")]
    pub name: Name,
    #[sqlx(try_from = "String")]
    summary: Summary,
    #[sqlx(try_from = "String")]
    description: Description,
    #[sqlx(try_from = "String")]
    category: Slug,
    #[sqlx(try_from = "String")]
    maker: Name,
    pictures: Json<Vec<Picture>>,
    options: Json<Vec<Choice>>,
    details: Json<Vec<Detail>>,
    goes_with: Json<Vec<Slug>>,
    pub created_at: DateTime<Utc>,
}

impl Row {
    fn with(self, variants: Vec<Variant>) -> Product {
        Product {
            slug: self.slug,
            name: self.name,
            summary: self.summary,
            description: self.description,
            category: self.category,
            maker: self.maker,
            pictures: self.pictures.0,
            options: self.options.0,
            variants,
            details: self.details.0,
            goes_with: self.goes_with.0,
        }
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
    picture: Option<String>,
}

/// The one with this slug.
pub async fn find(db: &Db, slug: &Slug) -> Result<Option<Product>, Error> {
    let sql =
        "select slug, name, summary, description, category, maker, pictures, options, details, goes_with, created_at
        from products where slug = $1";
    let row: Option<Row> = fetch_optional!(db, sql, slug.as_str())?;
    Ok(complete(db, row.into_iter().collect()).await?.pop())
}

/// Adds the variants, of all products at once.
pub(super) async fn complete(db: &Db, rows: Vec<Row>) -> Result<Vec<Product>, Error> {
    let slugs: Vec<&Slug> = rows.iter().map(|row| &row.slug).collect();
    let mut variants: Vec<VariantRow> = fetch_in!(
        db,
        "select product, position, sku, label, options, picture from variants where product in",
        &slugs
    )?;
    variants.sort_unstable_by_key(|variant| variant.position);
    let mut by_product = BTreeMap::<String, Vec<Variant>>::new();
    for row in variants {
        by_product.entry(row.product).or_default().push(Variant {
            sku: row.sku,
            label: row.label,
            options: row.options.0,
            picture: optional(row.picture)?,
        });
    }
    let complete = |row: Row| {
        let variants = by_product.remove(row.slug.as_str()).unwrap_or_default();
        row.with(variants)
    };
    Ok(rows.into_iter().map(complete).collect())
}

/// Creates it, or replaces it with all its variants; its age stays.
pub async fn update(db: &Db, product: &Product, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let category: Option<(String,)> = fetch_optional!(
        &mut tx,
        "select slug from categories where slug = $1",
        product.category.as_str()
    )?;
    if category.is_none() {
        return Err(Violation::new("/category", "there is no such category").into());
    }
    let sql = "insert into products (slug, name, summary, description, category, maker, pictures, options, details,
            goes_with, search_text, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (slug) do update set
            name = excluded.name, summary = excluded.summary, description = excluded.description,
            category = excluded.category, maker = excluded.maker, pictures = excluded.pictures,
            options = excluded.options, details = excluded.details, goes_with = excluded.goes_with,
            search_text = excluded.search_text";
    execute!(
        &mut tx,
        sql,
        product.slug.as_str(),
        product.name.as_str(),
        product.summary.as_str(),
        product.description.as_str(),
        product.category.as_str(),
        product.maker.as_str(),
        Json(&product.pictures),
        Json(&product.options),
        Json(&product.details),
        Json(&product.goes_with),
        &search_text(product),
        now,
    )?;
    replace_variants(&mut tx, product).await?;
    tx.commit().await.map_err(Error::from)
}

/// What a search finds it by. Lower case is made here: the databases differ about letters beyond ASCII.
fn search_text(product: &Product) -> String {
    let own = [product.name.as_str(), product.summary.as_str(), product.maker.as_str()];
    let values = product.options.iter().flat_map(|option| &option.values);
    let all: Vec<&str> = own.into_iter().chain(values.map(Name::as_str)).collect();
    all.join("\n").to_lowercase()
}

async fn replace_variants(tx: &mut Tx, product: &Product) -> Result<(), Error> {
    execute!(tx, "delete from variants where product = $1", product.slug.as_str())?;
    let mut variants: Vec<(i64, &Variant)> = (0..).zip(&product.variants).collect();
    // In one order everywhere: two products that want the same SKUs must not wait for each other.
    variants.sort_unstable_by_key(|(_, variant)| &variant.sku);
    for (position, variant) in variants {
        let sql = "insert into variants (sku, product, position, label, options, picture)
            values ($1, $2, $3, $4, $5, $6)";
        let inserted = execute!(
            tx,
            sql,
            variant.sku.as_str(),
            product.slug.as_str(),
            position,
            variant.label.as_str(),
            Json(&variant.options),
            variant.picture.as_ref().map(Slug::as_str),
        );
        match inserted {
            Err(error) if is_conflict(&error) => return Err(Error::SkuTaken(variant.sku.clone())),
            inserted => inserted.map(drop)?,
        }
    }
    Ok(())
}
