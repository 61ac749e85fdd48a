//! The services behind this BFF, read tolerantly: each struct holds the fields that are used, no others.

mod catalog;
mod pricing;

pub use catalog::{Catalog, Category, Product, Variant};
pub use pricing::{Prices, Pricing};
