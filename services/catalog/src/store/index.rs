//! Search texts and sort keys of products and categories. Made here, since databases differ on letters beyond ASCII.

use storage::{Db, Error, Tx, execute};

use super::{categories, products};
use crate::domain::{Category, Name, Product, Variant, folded, sort_key};

/// The version of the index entries. Entries of another version are rebuilt at start.
const VERSION: i64 = 1;
/// Products that are indexed in one transaction.
const BATCH_SIZE: i64 = 100;

/// Updates the index entries of a product.
pub(super) async fn index_product(tx: &mut Tx, product: &Product) -> Result<(), Error> {
    let (slug, key) = (product.slug.as_str(), sort_key(product.name.as_str()));
    let sql = "update products set search_text = $1, name_key = $2, indexed = $3 where slug = $4";
    execute!(&mut *tx, sql, &search_text(product), &key, VERSION, slug)?;
    let sql = "update product_categories set name_key = $1 where product = $2";
    execute!(tx, sql, &key, slug).map(drop)
}

/// Updates the index entries of a category.
pub(super) async fn index_category(tx: &mut Tx, category: &Category) -> Result<(), Error> {
    let text = searchable([category.slug.as_str(), category.name.as_str()]);
    let sql = "update categories set search_text = $1, indexed = $2 where slug = $3";
    execute!(tx, sql, &text, VERSION, category.slug.as_str()).map(drop)
}

/// Rebuilds entries of other versions. Several replicas may do so at the same time.
pub async fn refresh(db: &Db) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    for outdated in categories::outdated(db, VERSION).await? {
        index_category(&mut tx, &outdated).await?;
    }
    tx.commit().await?;
    loop {
        let outdated = products::outdated(db, VERSION, BATCH_SIZE).await?;
        if outdated.is_empty() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        for outdated in &outdated {
            index_product(&mut tx, outdated).await?;
        }
        tx.commit().await?;
    }
}

/// The folded text that a search for the product looks in.
fn search_text(product: &Product) -> String {
    let own = [product.name.as_str(), product.summary.as_str()];
    let names = product.vendor.iter().chain(&product.tags);
    let values = product.options.iter().flat_map(|option| &option.values);
    let skus = product.variants.iter().map(|variant| variant.sku.as_str());
    let gtins = product.variants.iter().filter_map(Variant::gtin);
    let all = own.into_iter().chain(names.chain(values).map(Name::as_str));
    searchable(all.chain(skus).chain(gtins))
}

/// Folds texts, and adds each hyphenated word once more without its hyphens.
fn searchable<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let text = folded(&texts.into_iter().collect::<Vec<_>>().join("\n"));
    let hyphenated = text.split_whitespace().filter(|word| word.contains('-'));
    let joined: Vec<String> = hyphenated.map(|word| word.replace('-', "")).collect();
    [text.as_str(), &joined.join(" ")].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphenated_words_are_found_without_hyphens() {
        assert_eq!(
            searchable(["T-Shirt Größe", "24-WG085"]),
            "t-shirt grosse\n24-wg085\ntshirt 24wg085"
        );
    }
}
