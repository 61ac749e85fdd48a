//! The services behind this BFF, read tolerantly: each struct holds the fields that are used, no others.

mod cart;
mod catalog;
mod inventory;
mod orders;
mod payments;
mod pricing;
mod quotes;

use std::time::Duration;

use futures_util::future::try_join_all;
use serde::Deserialize;
use service::{CallError, batches, causes};

pub use cart::{Addition, Cart, Carts, Line};
pub use catalog::{Article, Articles, Catalog, Shop};
pub use inventory::{Inventory, Stock};
pub use orders::{Address, Line as OrderLine, Order, Orders, Placing, Status, Titled};
pub use payments::{Card, Payment, PaymentOption, PaymentType, Payments, Transfer};
pub use pricing::{Country, PICKUP, Prices, Pricing, Quote, Rate};
pub use quotes::{Claims, Quotes};

/// How long a page waits for what it can live without.
const PATIENCE: Duration = Duration::from_millis(150);

/// What a page can live without: a failure is written down and passed over.
fn optional<T>(answer: Result<T, CallError>) -> Option<T> {
    answer
        .inspect_err(|error| {
            tracing::warn!(
                upstream = error.part(),
                error = causes(error),
                "call failed: a page is shown without it"
            );
        })
        .ok()
}

/// What a service lists.
#[derive(Debug, Deserialize)]
struct List<T> {
    items: Vec<T>,
}

/// What a service knows of SKUs, asked in as many calls as these need: each gives the query of one.
async fn list_of<'a, T, F>(
    skus: impl IntoIterator<Item = &'a str>,
    ask: impl Fn(Vec<(&'static str, &'a str)>) -> F,
) -> Result<Vec<T>, CallError>
where
    F: Future<Output = Result<List<T>, CallError>>,
{
    let query = |some: Vec<&'a str>| some.into_iter().map(|sku| ("sku", sku)).collect();
    let calls = batches(skus).into_iter().map(|some| ask(query(some)));
    let lists = try_join_all(calls).await?;
    Ok(lists.into_iter().flat_map(|list| list.items).collect())
}
