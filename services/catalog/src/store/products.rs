//! Products with their variants.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use storage::{Db, Error as StorageError, Json, Tx, execute, fetch_all, fetch_in, fetch_optional, is_conflict};
use values::{Slug, Violation};

use super::{index, optional};
use crate::domain::{
    Gtin, Html, Name, Picture, PlainText, Product, ProductDetail, ProductOption, ProductStatus, Sku, SortKey, Summary,
    Variant, Weight,
};
use crate::error::Error;

/// A product without its categories and variants.
#[derive(sqlx::FromRow)]
pub(super) struct ProductRow {
    #[sqlx(try_from = "String")]
    pub slug: Slug,
    #[sqlx(try_from = "String")]
    pub name: Name,
    #[sqlx(try_from = "String")]
    status: ProductStatus,
    #[sqlx(try_from = "String")]
    summary: Summary,
    description_html: String,
    description: String,
    #[sqlx(try_from = "String")]
    category: Slug,
    vendor: String,
    tags: Json<Vec<Name>>,
    pictures: Json<Vec<Picture>>,
    options: Json<Vec<ProductOption>>,
    details: Json<Vec<ProductDetail>>,
    related: Json<Vec<Slug>>,
    pub created_at: DateTime<Utc>,
    #[sqlx(try_from = "String")]
    pub name_key: SortKey,
}

impl ProductRow {
    fn into_product(self, categories: Vec<Slug>, variants: Vec<Variant>) -> Result<Product, StorageError> {
        Ok(Product {
            slug: self.slug,
            name: self.name,
            status: self.status,
            summary: self.summary,
            description_html: Html::from_stored(self.description_html),
            description: PlainText::truncate(&self.description),
            category: self.category,
            categories,
            vendor: optional(Some(self.vendor).filter(|vendor| !vendor.is_empty()))?,
            tags: self.tags.0,
            pictures: self.pictures.0,
            options: self.options.0,
            variants,
            details: self.details.0,
            related: self.related.0,
        })
    }
}

#[derive(sqlx::FromRow)]
struct CategoryRow {
    product: String,
    position: i64,
    #[sqlx(try_from = "String")]
    category: Slug,
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
    gtin: Option<String>,
    weight: Option<Json<Weight>>,
}

impl TryFrom<VariantRow> for Variant {
    type Error = StorageError;

    fn try_from(row: VariantRow) -> Result<Self, StorageError> {
        Ok(Self {
            sku: row.sku,
            label: row.label,
            options: row.options.0,
            picture: optional(row.picture)?,
            gtin: optional::<Gtin>(row.gtin)?,
            weight: row.weight.map(|Json(weight)| weight),
        })
    }
}

/// The columns of a [`ProductRow`], for `concat!`.
macro_rules! columns {
    () => {
        "products.slug, products.name, products.status, products.summary, products.description_html,
        products.description, products.category, products.vendor, products.tags, products.pictures, products.options,
        products.details, products.related, products.created_at, products.name_key"
    };
}
pub(super) use columns;

pub async fn find(db: &Db, slug: &Slug) -> Result<Option<Product>, Error> {
    let sql = concat!("select ", columns!(), " from products where slug = $1");
    let row: Option<ProductRow> = fetch_optional!(db, sql, slug.as_str())?;
    Ok(with_variants(db, row.into_iter().collect()).await?.pop())
}

/// Loads the categories and variants of all these products at once.
pub(super) async fn with_variants(db: &Db, rows: Vec<ProductRow>) -> Result<Vec<Product>, StorageError> {
    let slugs: Vec<&Slug> = rows.iter().map(|row| &row.slug).collect();
    let mut categories: Vec<CategoryRow> = fetch_in!(
        db,
        "select product, position, category from product_categories where product in",
        &slugs
    )?;
    categories.sort_unstable_by_key(|row| row.position);
    let mut categories_of = BTreeMap::<String, Vec<Slug>>::new();
    for row in categories {
        categories_of.entry(row.product).or_default().push(row.category);
    }
    let mut variants: Vec<VariantRow> = fetch_in!(
        db,
        "select product, position, sku, label, options, picture, gtin, weight from variants where product in",
        &slugs
    )?;
    variants.sort_unstable_by_key(|variant| variant.position);
    let mut variants_of = BTreeMap::<String, Vec<Variant>>::new();
    for mut row in variants {
        let product = std::mem::take(&mut row.product);
        variants_of.entry(product).or_default().push(row.try_into()?);
    }
    let product = |row: ProductRow| {
        let categories = categories_of.remove(row.slug.as_str()).unwrap_or_default();
        let variants = variants_of.remove(row.slug.as_str()).unwrap_or_default();
        row.into_product(categories, variants)
    };
    rows.into_iter().map(product).collect()
}

/// Creates a product or replaces it, including its variants. The creation time of an existing product stays.
pub async fn update(db: &Db, product: &Product, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    check_categories(&mut tx, product).await?;
    let sql =
        "insert into products (slug, name, status, summary, description_html, description, category, vendor, tags,
            pictures, options, details, related, search_text, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14)
        on conflict (slug) do update set
            name = excluded.name, status = excluded.status, summary = excluded.summary,
            description_html = excluded.description_html, description = excluded.description,
            category = excluded.category, vendor = excluded.vendor, tags = excluded.tags, pictures = excluded.pictures,
            options = excluded.options, details = excluded.details, related = excluded.related";
    execute!(
        &mut tx,
        sql,
        product.slug.as_str(),
        product.name.as_str(),
        product.status.as_str(),
        product.summary.as_str(),
        product.description_html.as_str(),
        product.description.as_str(),
        product.category.as_str(),
        product.vendor.as_ref().map_or("", Name::as_str),
        Json(&product.tags),
        Json(&product.pictures),
        Json(&product.options),
        Json(&product.details),
        Json(&product.related),
        now,
    )?;
    replace_categories(&mut tx, product).await?;
    replace_variants(&mut tx, product).await?;
    index::index_product(&mut tx, product).await?;
    tx.commit().await.map_err(Error::from)
}

/// Updates the status of a product. False if it does not exist.
pub async fn update_status(db: &Db, slug: &Slug, status: ProductStatus) -> Result<bool, StorageError> {
    let mut tx = db.begin().await?;
    let sql = "update products set status = $1 where slug = $2";
    let updated = execute!(&mut tx, sql, status.as_str(), slug.as_str())?;
    tx.commit().await?;
    Ok(updated > 0)
}

/// Deletes a product and its variants. False if it does not exist.
pub async fn delete(db: &Db, slug: &Slug) -> Result<bool, StorageError> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "delete from variants where product = $1", slug.as_str())?;
    execute!(
        &mut tx,
        "delete from product_categories where product = $1",
        slug.as_str()
    )?;
    let deleted = execute!(&mut tx, "delete from products where slug = $1", slug.as_str())?;
    tx.commit().await?;
    Ok(deleted > 0)
}

async fn check_categories(tx: &mut Tx, product: &Product) -> Result<(), Error> {
    let known: Vec<(String,)> = fetch_in!(
        &mut *tx,
        "select slug from categories where slug in",
        &product.categories
    )?;
    let known: BTreeSet<String> = known.into_iter().map(|(slug,)| slug).collect();
    let unknown = |slug: &Slug| !known.contains(slug.as_str());
    let mut violations = Vec::new();
    if unknown(&product.category) {
        violations.push(Violation::new("/category", "There is no such category."));
    }
    if product.categories.iter().skip(1).any(unknown) {
        violations.push(Violation::new("/categories", "There is no such category."));
    }
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(violations))
    }
}

async fn replace_categories(tx: &mut Tx, product: &Product) -> Result<(), StorageError> {
    let slug = product.slug.as_str();
    execute!(tx, "delete from product_categories where product = $1", slug)?;
    let sql = "insert into product_categories (category, product, position, name_key, created_at)
        select $1, slug, $2, name_key, created_at from products where slug = $3";
    for (position, category) in (0_i64..).zip(&product.categories) {
        execute!(tx, sql, category.as_str(), position, slug)?;
    }
    Ok(())
}

async fn replace_variants(tx: &mut Tx, product: &Product) -> Result<(), Error> {
    execute!(tx, "delete from variants where product = $1", product.slug.as_str())?;
    let mut variants: Vec<(i64, &Variant)> = (0..).zip(&product.variants).collect();
    // Always in the same order: two requests that insert the same SKUs must not deadlock.
    variants.sort_unstable_by_key(|(_, variant)| &variant.sku);
    for (position, variant) in variants {
        let sql = "insert into variants (sku, product, position, label, options, picture, gtin, weight)
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let inserted = execute!(
            tx,
            sql,
            variant.sku.as_str(),
            product.slug.as_str(),
            position,
            variant.label.as_str(),
            Json(&variant.options),
            variant.picture.as_ref().map(Slug::as_str),
            variant.gtin.as_ref().map(Gtin::as_str),
            variant.weight.map(Json),
        );
        match inserted {
            Err(error) if is_conflict(&error) => return Err(Error::SkuTaken(variant.sku.clone())),
            inserted => inserted.map(drop)?,
        }
    }
    Ok(())
}

/// Products whose index entries were not made by this version.
pub(super) async fn outdated(db: &Db, version: i64, limit: i64) -> Result<Vec<Product>, StorageError> {
    let sql = concat!(
        "select ",
        columns!(),
        " from products where indexed <> $1 order by slug limit $2"
    );
    let rows: Vec<ProductRow> = fetch_all!(db, sql, version, limit)?;
    with_variants(db, rows).await
}
