//! Handlers, one file per resource.

pub mod carts;
mod conditions;
pub mod lines;
pub mod orders;

use serde_json::{Value, json};

/// The example cart of the contract, with these lines.
fn example(lines: &[(&str, u32)], version: u64) -> Value {
    let line = |(sku, quantity): &(&str, u32)| json!({ "sku": sku, "quantity": quantity, "unit_price": { "minor": 4800, "currency": "EUR" } });
    json!({
        "id": "9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42",
        "lines": lines.iter().map(line).collect::<Vec<_>>(),
        "quantity": lines.iter().map(|(_, quantity)| quantity).sum::<u32>(),
        "version": version,
        "updated_at": "2030-06-01T10:00:00Z",
    })
}
