//! The services behind this BFF, read tolerantly: each struct holds the fields that are used, no others.

mod cart;
mod catalog;
mod inventory;
mod orders;
mod payments;
mod pricing;
mod quotes;

use std::time::Duration;

use service::CallError;

pub use cart::{Addition, Cart, Carts, Line};
pub use catalog::{Articles, Catalog, Shop};
pub use inventory::{Inventory, Stock};
pub use orders::{Address, Line as OrderLine, Order, Orders, Placing, Status, Titled};
pub use payments::{Card, Payments};
pub use pricing::{Country, PICKUP, Prices, Pricing, Quote, Rate};
pub use quotes::{Claims, Quotes};

/// How long a page waits for what it can live without.
const PATIENCE: Duration = Duration::from_millis(150);

/// What a page can live without: a failure is written down and passed over.
fn optional<T>(answer: Result<T, CallError>) -> Option<T> {
    answer
        .inspect_err(|error| tracing::warn!(%error, "shown without it"))
        .ok()
}

/// SKUs as services read them: joined by commas.
fn joined<'a>(skus: impl IntoIterator<Item = &'a str>) -> String {
    skus.into_iter().collect::<Vec<_>>().join(",")
}
