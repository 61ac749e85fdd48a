//! Categories.

use storage::{Db, Error, execute, fetch_all, fetch_optional};

use super::optional;
use crate::domain::{Category, Name, Slug, Summary};

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
        values ($1, $2, $3, $4, $5, $6)
        on conflict (slug) do update set
            name = excluded.name, summary = excluded.summary, position = excluded.position,
            picture = excluded.picture, search_text = excluded.search_text";
    let search_text = format!("{} {}", category.slug.as_str(), category.name.as_str().to_lowercase());
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        sql,
        category.slug.as_str(),
        category.name.as_str(),
        category.summary.as_str(),
        i64::from(category.position),
        category.picture.as_ref().map(Slug::as_str),
        &search_text,
    )?;
    tx.commit().await
}
