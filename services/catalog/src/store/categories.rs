//! Categories.

use storage::{Db, Error, execute, fetch_all, fetch_optional};

use super::{index, is_tied, optional};
use crate::domain::{Category, Name, Slug, Summary};
use crate::error::Error as Refusal;

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
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            slug: row.slug,
            name: row.name,
            summary: row.summary,
            position: row.position,
            picture: optional(row.picture)?,
        })
    }
}

/// All, in their order.
pub async fn list(db: &Db) -> Result<Vec<Category>, Error> {
    let rows: Vec<Row> = fetch_all!(
        db,
        "select slug, name, summary, position, picture from categories order by position, slug"
    )?;
    rows.into_iter().map(Category::try_from).collect()
}

/// The one with this slug.
pub async fn find(db: &Db, slug: &Slug) -> Result<Option<Category>, Error> {
    let sql = "select slug, name, summary, position, picture from categories where slug = $1";
    let row: Option<Row> = fetch_optional!(db, sql, slug.as_str())?;
    row.map(Category::try_from).transpose()
}

/// Creates or replaces it.
pub async fn update(db: &Db, category: &Category) -> Result<(), Error> {
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
    index::category(&mut tx, category).await?;
    tx.commit().await
}

/// Takes it away; false where there is no such category.
///
/// # Errors
/// Products stand in it.
pub async fn remove(db: &Db, slug: &Slug) -> Result<bool, Refusal> {
    let mut tx = db.begin().await?;
    match execute!(&mut tx, "delete from categories where slug = $1", slug.as_str()) {
        Err(error) if is_tied(&error) => Err(Refusal::CategoryInUse),
        removed => {
            let removed = removed?;
            tx.commit().await?;
            Ok(removed > 0)
        }
    }
}

/// Those whose index entries are of another version than this one.
pub(super) async fn outdated(db: &Db, version: i64) -> Result<Vec<Category>, Error> {
    let sql = "select slug, name, summary, position, picture from categories where indexed <> $1";
    let rows: Vec<Row> = fetch_all!(db, sql, version)?;
    rows.into_iter().map(Category::try_from).collect()
}
