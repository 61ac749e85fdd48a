//! Stories.

use storage::{Db, Error, execute, fetch_all, fetch_optional};
use values::{Malformed, Slug};

use crate::domain::{Story, StoryLink};

#[derive(sqlx::FromRow)]
struct Row {
    slug: String,
    title: String,
    text: String,
    picture: Option<String>,
    alt: String,
    label: String,
    href: String,
    #[sqlx(try_from = "i64")]
    position: u16,
}

impl TryFrom<Row> for Story {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let read = |row: Row| {
            Ok(Self {
                slug: row.slug.try_into()?,
                title: row.title.try_into()?,
                text: row.text.try_into()?,
                picture: row.picture.map(Slug::try_from).transpose()?,
                alt: row.alt.try_into()?,
                link: StoryLink {
                    label: row.label.try_into()?,
                    href: row.href.try_into()?,
                },
                position: row.position,
            })
        };
        read(row).map_err(|error: Malformed| Error::Decode(error.into()))
    }
}

/// All stories, ordered by position.
pub async fn list(db: &Db) -> Result<Vec<Story>, Error> {
    let sql = "select slug, title, text, picture, alt, label, href, position from stories order by position, slug";
    let rows: Vec<Row> = fetch_all!(db, sql)?;
    rows.into_iter().map(Story::try_from).collect()
}

pub async fn find(db: &Db, slug: &Slug) -> Result<Option<Story>, Error> {
    let sql = "select slug, title, text, picture, alt, label, href, position from stories where slug = $1";
    let row: Option<Row> = fetch_optional!(db, sql, slug.as_str())?;
    row.map(Story::try_from).transpose()
}

/// Creates a story or replaces it.
pub async fn update(db: &Db, story: &Story) -> Result<(), Error> {
    let sql = "insert into stories (slug, title, text, picture, alt, label, href, position)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (slug) do update set
            title = excluded.title, text = excluded.text, picture = excluded.picture, alt = excluded.alt,
            label = excluded.label, href = excluded.href, position = excluded.position";
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        sql,
        story.slug.as_str(),
        story.title.as_str(),
        story.text.as_str(),
        story.picture.as_ref().map(Slug::as_str),
        story.alt.as_str(),
        story.link.label.as_str(),
        story.link.href.as_str(),
        i64::from(story.position),
    )?;
    tx.commit().await
}

/// Deletes a story. False if it does not exist.
pub async fn delete(db: &Db, slug: &Slug) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let deleted = execute!(&mut tx, "delete from stories where slug = $1", slug.as_str())?;
    tx.commit().await?;
    Ok(deleted > 0)
}
