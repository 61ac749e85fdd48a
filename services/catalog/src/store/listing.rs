//! Filtered, sorted and paginated lists of products.

use service::Limit;
use storage::{Db, fetch_all, fetch_in, fetch_one};
use values::Slug;

use super::products::{ProductRow, columns, with_variants};
use crate::domain::{Cursor, ProductPage, ProductQuery, ProductStatus, SearchTerms, Sort};
use crate::error::Error;

/// The condition for status and search terms. `$1` to `$8` are `like` patterns that the product or one of its categories must
/// match, `$9` is the status; null matches everything.
macro_rules! filter {
    () => {
        concat!(
            " ($9 is null or products.status = $9)",
            matches_term!("$1"),
            matches_term!("$2"),
            matches_term!("$3"),
            matches_term!("$4"),
            matches_term!("$5"),
            matches_term!("$6"),
            matches_term!("$7"),
            matches_term!("$8")
        )
    };
}

/// The condition for one search term. The subquery for categories does not depend on the product, so that the database
/// evaluates it once.
macro_rules! matches_term {
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

/// Selects from all products; `$10` is null.
macro_rules! select_all {
    ($columns:expr, $rest:literal) => {
        concat!(
            "select ",
            $columns,
            " from products where $10 is null and",
            filter!(),
            $rest
        )
    };
}

/// Selects from the products of the category `$10`.
macro_rules! select_in_category {
    ($columns:expr, $rest:literal) => {
        concat!(
            "select ",
            $columns,
            " from product_categories as listed join products on products.slug = listed.product
            where listed.category = $10 and",
            filter!(),
            $rest
        )
    };
}

/// Runs a statement with the filters of a query as its first ten values.
macro_rules! fetch_filtered {
    ($fetch:ident, $db:expr, $sql:expr, $query:expr $(, $value:expr)*) => {{
        let patterns = patterns(&$query.terms);
        let term = |index: usize| patterns[index].as_deref();
        let status = $query.status.exact().map(ProductStatus::as_str);
        let category = $query.category.as_ref().map(Slug::as_str);
        $fetch!($db, $sql, term(0), term(1), term(2), term(3), term(4), term(5), term(6), term(7), status, category $(, $value)*)
    }};
}

/// At most `limit` products that match, beginning after the cursor.
pub async fn list(
    db: &Db,
    query: &ProductQuery,
    after: Option<Cursor>,
    limit: Limit<24, 100>,
) -> Result<ProductPage, Error> {
    if let Some(slugs) = &query.slugs {
        return list_by_slugs(db, query, slugs, after, limit).await;
    }
    let in_all_categories = query.category.is_none();
    let count = if in_all_categories {
        select_all!("count(*)", "")
    } else {
        select_in_category!("count(*)", "")
    };
    let (total,): (i64,) = fetch_filtered!(fetch_one, db, count, query)?;
    let rows_and_one = limit.rows_and_one();
    let rows: Vec<ProductRow> = match query.sort {
        Sort::Name => {
            let (key, slug) = match &after {
                Some(Cursor::Name(key, slug)) => (Some(key.as_str()), Some(slug.as_str())),
                _ => (None, None),
            };
            let sql = if in_all_categories {
                select_all!(
                    columns!(),
                    " and ($11 is null or (products.name_key, products.slug) > ($11, $12))
                    order by products.name_key, products.slug limit $13"
                )
            } else {
                select_in_category!(
                    columns!(),
                    " and ($11 is null or (listed.name_key, listed.product) > ($11, $12))
                    order by listed.name_key, listed.product limit $13"
                )
            };
            fetch_filtered!(fetch_all, db, sql, query, key, slug, rows_and_one)?
        }
        Sort::Newest => {
            let (at, slug) = match &after {
                Some(Cursor::Newest(at, slug)) => (Some(*at), Some(slug.as_str())),
                _ => (None, None),
            };
            let sql = if in_all_categories {
                select_all!(
                    columns!(),
                    " and ($11 is null or products.created_at < $11 or (products.created_at = $11 and products.slug > $12))
                    order by products.created_at desc, products.slug limit $13"
                )
            } else {
                select_in_category!(
                    columns!(),
                    " and ($11 is null or listed.created_at < $11 or (listed.created_at = $11 and listed.product > $12))
                    order by listed.created_at desc, listed.product limit $13"
                )
            };
            fetch_filtered!(fetch_all, db, sql, query, at, slug, rows_and_one)?
        }
    };
    page(db, rows, query.sort, limit, total).await
}

/// Like [`list`], for a given list of slugs. Sorted and cut here, since `fetch_in!` needs the list of values at the end of the
/// statement.
async fn list_by_slugs(
    db: &Db,
    query: &ProductQuery,
    slugs: &[Slug],
    after: Option<Cursor>,
    limit: Limit<24, 100>,
) -> Result<ProductPage, Error> {
    let patterns = patterns(&query.terms);
    let term = |index: usize| patterns[index].as_deref();
    let status = query.status.exact().map(ProductStatus::as_str);
    let category = query.category.as_ref().map(Slug::as_str);
    let mut rows: Vec<ProductRow> = fetch_in!(
        db,
        concat!(
            "select ",
            columns!(),
            " from products where ($10 is null or exists (
                select 1 from product_categories as listed where listed.product = products.slug and listed.category = $10
            )) and",
            filter!(),
            " and products.slug in"
        ),
        slugs,
        term(0),
        term(1),
        term(2),
        term(3),
        term(4),
        term(5),
        term(6),
        term(7),
        status,
        category,
    )?;
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    match query.sort {
        Sort::Name => rows.sort_unstable_by(|a, b| (&a.name_key, &a.slug).cmp(&(&b.name_key, &b.slug))),
        Sort::Newest => rows.sort_unstable_by(|a, b| b.created_at.cmp(&a.created_at).then(a.slug.cmp(&b.slug))),
    }
    rows.retain(|row| match &after {
        Some(Cursor::Name(key, slug)) => (&row.name_key, &row.slug) > (key, slug),
        Some(Cursor::Newest(at, slug)) => row.created_at < *at || (row.created_at == *at && row.slug > *slug),
        None => true,
    });
    page(db, rows, query.sort, limit, total).await
}

async fn page(
    db: &Db,
    rows: Vec<ProductRow>,
    sort: Sort,
    limit: Limit<24, 100>,
    total: i64,
) -> Result<ProductPage, Error> {
    let (rows, next) = limit.page(rows, |row| match sort {
        Sort::Name => Cursor::Name(row.name_key.clone(), row.slug.clone()),
        Sort::Newest => Cursor::Newest(row.created_at, row.slug.clone()),
    });
    Ok(ProductPage {
        items: with_variants(db, rows).await?,
        next,
        total: u64::try_from(total).unwrap_or_default(),
    })
}

fn patterns(terms: &SearchTerms) -> [Option<String>; SearchTerms::MAX_TERMS] {
    let mut patterns = terms.patterns().into_iter();
    std::array::from_fn(|_| patterns.next())
}
