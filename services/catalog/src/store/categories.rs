//! Categories.

use storage::{Db, Error as StorageError, execute, fetch_all, fetch_optional};
use values::Slug;

use super::{index, is_foreign_key_violation, optional};
use crate::domain::{Category, Name, Summary};
use crate::error::Error;

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    slug: Slug,
    #[sqlx(try_from = "String")]
    name: Name,
    #[sqlx(try_from = "String")]
    summary: Summary,
    #[sqlx(try_from = "i64")]
    position: u16,
    picture: Option<String>,
}

impl TryFrom<Row> for Category {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            slug: row.slug,
            name: row.name,
            summary: row.summary,
            position: row.position,
            picture: optional(row.picture)?,
        })
    }
}

/// All categories, ordered by position.
pub async fn list(db: &Db) -> Result<Vec<Category>, StorageError> {
    let rows: Vec<Row> = fetch_all!(
        db,
        "select slug, name, summary, position, picture from categories order by position, slug"
    )?;
    rows.into_iter().map(Category::try_from).collect()
}

pub async fn find(db: &Db, slug: &Slug) -> Result<Option<Category>, StorageError> {
    let sql = "select slug, name, summary, position, picture from categories where slug = $1";
    let row: Option<Row> = fetch_optional!(db, sql, slug.as_str())?;
    row.map(Category::try_from).transpose()
}

/// Creates a category or replaces it.
pub async fn update(db: &Db, category: &Category) -> Result<(), StorageError> {
    let sql = "insert into categories (slug, name, summary, position, picture, search_text)
        values ($1, $2, $3, $4, $5, '')
        on conflict (slug) do update set
            name = excluded.name, summary = excluded.summary, position = excluded.position, picture = excluded.picture";
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        sql,
        category.slug.as_str(),
        category.name.as_str(),
        category.summary.as_str(),
        i64::from(category.position),
        category.picture.as_ref().map(Slug::as_str),
    )?;
    index::index_category(&mut tx, category).await?;
    tx.commit().await
}

/// Deletes a category. False if it does not exist.
///
/// # Errors
/// It contains products.
pub async fn delete(db: &Db, slug: &Slug) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    match execute!(&mut tx, "delete from categories where slug = $1", slug.as_str()) {
        Err(error) if is_foreign_key_violation(&error) => Err(Error::CategoryInUse),
        deleted => {
            let deleted = deleted?;
            tx.commit().await?;
            Ok(deleted > 0)
        }
    }
}

/// Categories whose index entries were not made by this version.
pub(super) async fn outdated(db: &Db, version: i64) -> Result<Vec<Category>, StorageError> {
    let sql = "select slug, name, summary, position, picture from categories where indexed <> $1";
    let rows: Vec<Row> = fetch_all!(db, sql, version)?;
    rows.into_iter().map(Category::try_from).collect()
}
