//! Lists of products: which, in which order, from where on.

use storage::{Db, fetch_all, fetch_in, fetch_one};

use super::products::{Row, complete};
use crate::domain::{Cursor, Page, Slug, Sort, Wanted, Words};
use crate::error::Error;

/// Those wanted: `$1` to `$8` are patterns, all of which must be found (null is none), `$9` is a category or null.
macro_rules! wanted {
    ($columns:literal, $rest:literal) => {
        concat!(
            "with patterns (pattern) as (values ($1), ($2), ($3), ($4), ($5), ($6), ($7), ($8)) select ",
            $columns,
            r" from products where ($9 is null or category = $9)
            and ($1 is null or not exists (
                select 1 from patterns, categories where categories.slug = products.category
                and products.search_text || ' ' || categories.search_text not like pattern escape '\'
            )) ",
            $rest
        )
    };
}

macro_rules! page {
    ($rest:literal) => {
        wanted!(
            "slug, name, summary, description, category, maker, pictures, options, details, goes_with, created_at",
            $rest
        )
    };
}

/// Runs a statement with a wanted list's values as its first nine.
macro_rules! bind {
    ($fetch:ident, $db:expr, $sql:expr, $wanted:expr $(, $value:expr)*) => {{
        let words = patterns(&$wanted.words);
        let word = |place: usize| words[place].as_deref();
        let category = $wanted.category.as_ref().map(Slug::as_str);
        $fetch!($db, $sql, word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7), category $(, $value)*)
    }};
}

/// At most `limit` of those wanted, after a place in their order.
pub async fn list(db: &Db, wanted: &Wanted, after: Option<Cursor>, limit: usize) -> Result<Page, Error> {
    if let Some(slugs) = &wanted.slugs {
        return pick(db, wanted, slugs, after, limit).await;
    }
    let count = wanted!("count(*)", "");
    let (total,): (i64,) = bind!(fetch_one, db, count, wanted)?;
    // One more than asked for tells whether there is a next page.
    let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let rows: Vec<Row> = match wanted.sort {
        Sort::Name => {
            let (name, slug) = match &after {
                Some(Cursor::Name(name, slug)) => (Some(name.as_str()), Some(slug.as_str())),
                _ => (None, None),
            };
            let sql = page!("and ($10 is null or (name, slug) > ($10, $11)) order by name, slug limit $12");
            bind!(fetch_all, db, sql, wanted, name, slug, more)?
        }
        Sort::Newest => {
            let (at, slug) = match &after {
                Some(Cursor::Newest(at, slug)) => (Some(*at), Some(slug.as_str())),
                _ => (None, None),
            };
            let sql = page!(
                "and ($10 is null or created_at < $10 or (created_at = $10 and slug > $11))
                order by created_at desc, slug limit $12"
            );
            bind!(fetch_all, db, sql, wanted, at, slug, more)?
        }
    };
    page(db, rows, wanted.sort, limit, total).await
}

/// The same among few, found by their slugs: these are ordered here, since a list of values ends a statement.
async fn pick(db: &Db, wanted: &Wanted, slugs: &[Slug], after: Option<Cursor>, limit: usize) -> Result<Page, Error> {
    let words = patterns(&wanted.words);
    let word = |place: usize| words[place].as_deref();
    let category = wanted.category.as_ref().map(Slug::as_str);
    let mut rows: Vec<Row> = fetch_in!(
        db,
        r"with patterns (pattern) as (values ($1), ($2), ($3), ($4), ($5), ($6), ($7), ($8))
        select slug, name, summary, description, category, maker, pictures, options, details, goes_with, created_at
        from products where ($9 is null or category = $9)
        and ($1 is null or not exists (
            select 1 from patterns, categories where categories.slug = products.category
            and products.search_text || ' ' || categories.search_text not like pattern escape '\'
        )) and slug in",
        slugs,
        word(0),
        word(1),
        word(2),
        word(3),
        word(4),
        word(5),
        word(6),
        word(7),
        category,
    )?;
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    match wanted.sort {
        Sort::Name => rows.sort_unstable_by(|a, b| (&a.name, &a.slug).cmp(&(&b.name, &b.slug))),
        Sort::Newest => rows.sort_unstable_by(|a, b| b.created_at.cmp(&a.created_at).then(a.slug.cmp(&b.slug))),
    }
    rows.retain(|row| match &after {
        Some(Cursor::Name(name, slug)) => (&row.name, &row.slug) > (name, slug),
        Some(Cursor::Newest(at, slug)) => row.created_at < *at || (row.created_at == *at && row.slug > *slug),
        None => true,
    });
    page(db, rows, wanted.sort, limit, total).await
}

async fn page(db: &Db, mut rows: Vec<Row>, sort: Sort, limit: usize, total: i64) -> Result<Page, Error> {
    let is_last = rows.len() <= limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| !is_last).map(|row| match sort {
        Sort::Name => Cursor::Name(row.name.clone(), row.slug.clone()),
        Sort::Newest => Cursor::Newest(row.created_at, row.slug.clone()),
    });
    Ok(Page {
        items: complete(db, rows).await?,
        next,
        total: u64::try_from(total).unwrap_or_default(),
    })
}

fn patterns(words: &Words) -> [Option<String>; Words::MANY] {
    let mut patterns = words.patterns().into_iter();
    std::array::from_fn(|_| patterns.next())
}
