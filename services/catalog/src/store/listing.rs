//! Lists of products: which, in which order, from where on.

use service::Limit;
use storage::{Db, fetch_all, fetch_in, fetch_one};

use super::products::{Row, columns, complete};
use crate::domain::{Cursor, Page, Slug, Sort, Status, Wanted, Words};
use crate::error::Error;

/// Those with a status and all words: `$1` to `$8` are patterns, each found in the product or in one of its categories
/// (null is none), `$9` is a status or null.
macro_rules! meant {
    () => {
        concat!(
            " ($9 is null or products.status = $9)",
            has!("$1"),
            has!("$2"),
            has!("$3"),
            has!("$4"),
            has!("$5"),
            has!("$6"),
            has!("$7"),
            has!("$8")
        )
    };
}

/// Whether a word's pattern, if there is one, is found in what a product is found by, or a category of its. The products of
/// those categories are looked up once, not for each product.
macro_rules! has {
    ($pattern:literal) => {
        concat!(
            " and (",
            $pattern,
            " is null or products.search_text like ",
            $pattern,
            r" escape '\' or products.slug in (
                select named.product from product_categories as named
                join categories on categories.slug = named.category
                where categories.search_text like ",
            $pattern,
            r" escape '\'
            ))"
        )
    };
}

/// `select` …, of all products, or of those of the category `$10`, which is null for all.
macro_rules! of_all {
    ($columns:expr, $rest:literal) => {
        concat!(
            "select ",
            $columns,
            " from products where $10 is null and",
            meant!(),
            $rest
        )
    };
}

macro_rules! of_category {
    ($columns:expr, $rest:literal) => {
        concat!(
            "select ",
            $columns,
            " from product_categories as listed join products on products.slug = listed.product
            where listed.category = $10 and",
            meant!(),
            $rest
        )
    };
}

/// Runs a statement with a wanted list's values as its first ten.
macro_rules! bind {
    ($fetch:ident, $db:expr, $sql:expr, $wanted:expr $(, $value:expr)*) => {{
        let words = patterns(&$wanted.words);
        let word = |place: usize| words[place].as_deref();
        let status = $wanted.which.status().map(Status::as_str);
        let category = $wanted.category.as_ref().map(Slug::as_str);
        $fetch!($db, $sql, word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7), status, category $(, $value)*)
    }};
}

/// At most `limit` of those wanted, after a place in their order.
pub async fn list(db: &Db, wanted: &Wanted, after: Option<Cursor>, limit: Limit<24, 100>) -> Result<Page, Error> {
    if let Some(slugs) = &wanted.slugs {
        return pick(db, wanted, slugs, after, limit).await;
    }
    let is_whole = wanted.category.is_none();
    let count = if is_whole {
        of_all!("count(*)", "")
    } else {
        of_category!("count(*)", "")
    };
    let (total,): (i64,) = bind!(fetch_one, db, count, wanted)?;
    // One more than asked for tells whether there is a next page.
    let more = limit.rows() + 1;
    let rows: Vec<Row> = match wanted.sort {
        Sort::Name => {
            let (key, slug) = match &after {
                Some(Cursor::Name(key, slug)) => (Some(key.as_str()), Some(slug.as_str())),
                _ => (None, None),
            };
            let sql = if is_whole {
                of_all!(
                    columns!(),
                    " and ($11 is null or (products.name_key, products.slug) > ($11, $12))
                    order by products.name_key, products.slug limit $13"
                )
            } else {
                of_category!(
                    columns!(),
                    " and ($11 is null or (listed.name_key, listed.product) > ($11, $12))
                    order by listed.name_key, listed.product limit $13"
                )
            };
            bind!(fetch_all, db, sql, wanted, key, slug, more)?
        }
        Sort::Newest => {
            let (at, slug) = match &after {
                Some(Cursor::Newest(at, slug)) => (Some(*at), Some(slug.as_str())),
                _ => (None, None),
            };
            let sql = if is_whole {
                of_all!(
                    columns!(),
                    " and ($11 is null or products.created_at < $11 or (products.created_at = $11 and products.slug > $12))
                    order by products.created_at desc, products.slug limit $13"
                )
            } else {
                of_category!(
                    columns!(),
                    " and ($11 is null or listed.created_at < $11 or (listed.created_at = $11 and listed.product > $12))
                    order by listed.created_at desc, listed.product limit $13"
                )
            };
            bind!(fetch_all, db, sql, wanted, at, slug, more)?
        }
    };
    page(db, rows, wanted.sort, limit, total).await
}

/// The same among few, found by their slugs: these are ordered here, since a list of values ends a statement.
async fn pick(
    db: &Db,
    wanted: &Wanted,
    slugs: &[Slug],
    after: Option<Cursor>,
    limit: Limit<24, 100>,
) -> Result<Page, Error> {
    let words = patterns(&wanted.words);
    let word = |place: usize| words[place].as_deref();
    let status = wanted.which.status().map(Status::as_str);
    let category = wanted.category.as_ref().map(Slug::as_str);
    let mut rows: Vec<Row> = fetch_in!(
        db,
        concat!(
            "select ",
            columns!(),
            " from products where ($10 is null or exists (
                select 1 from product_categories as listed where listed.product = products.slug and listed.category = $10
            )) and",
            meant!(),
            " and products.slug in"
        ),
        slugs,
        word(0),
        word(1),
        word(2),
        word(3),
        word(4),
        word(5),
        word(6),
        word(7),
        status,
        category,
    )?;
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    match wanted.sort {
        Sort::Name => rows.sort_unstable_by(|a, b| (&a.name_key, &a.slug).cmp(&(&b.name_key, &b.slug))),
        Sort::Newest => rows.sort_unstable_by(|a, b| b.created_at.cmp(&a.created_at).then(a.slug.cmp(&b.slug))),
    }
    rows.retain(|row| match &after {
        Some(Cursor::Name(key, slug)) => (&row.name_key, &row.slug) > (key, slug),
        Some(Cursor::Newest(at, slug)) => row.created_at < *at || (row.created_at == *at && row.slug > *slug),
        None => true,
    });
    page(db, rows, wanted.sort, limit, total).await
}

async fn page(db: &Db, mut rows: Vec<Row>, sort: Sort, limit: Limit<24, 100>, total: i64) -> Result<Page, Error> {
    let is_last = limit.cut(&mut rows);
    let next = rows.last().filter(|_| !is_last).map(|row| match sort {
        Sort::Name => Cursor::Name(row.name_key.clone(), row.slug.clone()),
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
