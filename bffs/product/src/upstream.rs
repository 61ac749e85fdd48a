//! The services behind this BFF, read tolerantly: each struct holds the fields that are used, no others.

mod catalog;
mod inventory;
mod pricing;

use std::time::Duration;

use service::{CallError, causes};

pub use catalog::{Catalog, Category, Choice, Detail, Picture, Product, Variant};
pub use inventory::{Inventory, Stock, Supply};
pub use pricing::{Prices, Pricing, Rate, Rates};

/// How long the page waits for what it can live without.
const PATIENCE: Duration = Duration::from_millis(150);

/// What the page can live without: a failure is written down and passed over.
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
