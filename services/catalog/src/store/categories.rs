//! Categories.

use storage::{Db, Error, execute, fetch_all, fetch_optional};

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
}

impl From<Row> for Category {
    fn from(
        Row {
            slug,
            name,
            summary,
            position,
        }: Row,
    ) -> Self {
        Self {
            slug,
            name,
            summary,
            position,
        }
    }
}

/// All, in their order.
pub async fn list(db: &Db) -> Result<Vec<Category>, Error> {
    let rows: Vec<Row> = fetch_all!(
        db,
        "select slug, name, summary, position from categories order by position, slug"
    )?;
    Ok(rows.into_iter().map(Category::from).collect())
}

/// The one with this slug.
pub async fn find(db: &Db, slug: &Slug) -> Result<Option<Category>, Error> {
    let sql = "select slug, name, summary, position from categories where slug = $1";
    let row: Option<Row> = fetch_optional!(db, sql, slug.as_str())?;
    Ok(row.map(Category::from))
}

/// Creates or replaces it.
pub async fn update(db: &Db, category: &Category) -> Result<(), Error> {
    let sql = "insert into categories (slug, name, summary, position) values ($1, $2, $3, $4)
        on conflict (slug) do update set
            name = excluded.name, summary = excluded.summary, position = excluded.position";
    let Category {
        slug,
        name,
        summary,
        position,
    } = category;
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        sql,
        slug.as_str(),
        name.as_str(),
        summary.as_str(),
        i64::from(*position)
    )?;
    tx.commit().await
}
