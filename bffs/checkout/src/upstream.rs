//! Clients of the services. Each struct reads only the fields that are used.

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

pub use cart::{AddLine, Cart, Carts, LineItem};
pub use catalog::{Catalog, Shop, Variant, Variants};
pub use inventory::{Inventory, Stock};
pub use orders::{Address, CreateOrder, LineTitle, Order, OrderLine, Orders, Status};
pub use payments::{Card, Payment, PaymentOption, PaymentType, Payments, Transfer};
pub use pricing::{Country, PICKUP, Prices, Pricing, Quote, ShippingRate};
pub use quotes::{QuoteClaims, QuoteVerifier};

/// How long a page waits for optional data.
const OPTIONAL_TIMEOUT: Duration = Duration::from_millis(150);

/// The answer, or `None` if the call failed: the page is shown without it, and the failure is logged.
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

/// A list as services send it.
#[derive(Debug, Deserialize)]
struct List<T> {
    items: Vec<T>,
}

/// Looks up SKUs in as many calls as needed; `call` gets the query of one call.
async fn list_by_sku<'a, T, F>(
    skus: impl IntoIterator<Item = &'a str>,
    call: impl Fn(Vec<(&'static str, &'a str)>) -> F,
) -> Result<Vec<T>, CallError>
where
    F: Future<Output = Result<List<T>, CallError>>,
{
    let query = |batch: Vec<&'a str>| batch.into_iter().map(|sku| ("sku", sku)).collect();
    let calls = batches(skus).into_iter().map(|batch| call(query(batch)));
    let lists = try_join_all(calls).await?;
    Ok(lists.into_iter().flat_map(|list| list.items).collect())
}
