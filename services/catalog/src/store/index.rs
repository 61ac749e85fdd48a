//! What products and categories are found and ordered by, made here: databases differ about letters beyond ASCII.

use storage::{Db, Error, Tx, execute};

use super::{categories, products};
use crate::domain::{Category, Name, Product, Variant, folded, order_key};

/// The version of what is made here. Entries of another one are made anew when a part starts.
const VERSION: i64 = 1;
/// Entries that are made anew at once.
const BITE: i64 = 100;

/// Makes a product's entries.
pub(super) async fn product(tx: &mut Tx, product: &Product) -> Result<(), Error> {
    let (slug, key) = (product.slug.as_str(), order_key(product.name.as_str()));
    let sql = "update products set search_text = $1, name_key = $2, indexed = $3 where slug = $4";
    execute!(&mut *tx, sql, &search_text(product), &key, VERSION, slug)?;
    let sql = "update product_categories set name_key = $1 where product = $2";
    execute!(tx, sql, &key, slug).map(drop)
}

/// Makes a category's entries.
pub(super) async fn category(tx: &mut Tx, category: &Category) -> Result<(), Error> {
    let text = words([category.slug.as_str(), category.name.as_str()]);
    let sql = "update categories set search_text = $1, indexed = $2 where slug = $3";
    execute!(tx, sql, &text, VERSION, category.slug.as_str()).map(drop)
}

/// Makes anew what another version has made. Replicas may do so at the same time.
pub async fn refresh(db: &Db) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    for outdated in categories::outdated(db, VERSION).await? {
        category(&mut tx, &outdated).await?;
    }
    tx.commit().await?;
    loop {
        let outdated = products::outdated(db, VERSION, BITE).await?;
        if outdated.is_empty() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        for outdated in &outdated {
            product(&mut tx, outdated).await?;
        }
        tx.commit().await?;
    }
}

/// What a search finds it by.
fn search_text(product: &Product) -> String {
    let own = [product.name.as_str(), product.summary.as_str()];
    let names = product.vendor.iter().chain(&product.tags);
    let values = product.options.iter().flat_map(|option| &option.values);
    let skus = product.variants.iter().map(|variant| variant.sku.as_str());
    let gtins = product.variants.iter().filter_map(Variant::gtin);
    let all = own.into_iter().chain(names.chain(values).map(Name::as_str));
    words(all.chain(skus).chain(gtins))
}

/// Words as a search compares them: each with its hyphens, and once more as if it had none.
fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let text = folded(&texts.into_iter().collect::<Vec<_>>().join("\n"));
    let hyphenated = text.split_whitespace().filter(|word| word.contains('-'));
    let joined: Vec<String> = hyphenated.map(|word| word.replace('-', "")).collect();
    [text.as_str(), &joined.join(" ")].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphens_may_be_left_out() {
        assert_eq!(
            words(["T-Shirt Größe", "24-WG085"]),
            "t-shirt grosse\n24-wg085\ntshirt 24wg085"
        );
    }
}
