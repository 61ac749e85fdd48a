//! The services behind this BFF, read tolerantly: each struct has only the fields that are used.

mod catalog;
mod inventory;
mod pricing;

use std::time::Duration;

use service::{CallError, causes};

pub use catalog::{Catalog, Category, Detail, Picture, Product, ProductOption, Variant};
pub use inventory::{Inventory, Stock, Supply};
pub use pricing::{Prices, Pricing, ShippingRate, ShippingRates};

/// How long the page waits for optional data.
const OPTIONAL_TIMEOUT: Duration = Duration::from_millis(150);

/// Logs the failure of a call for optional data, and goes on without it.
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
