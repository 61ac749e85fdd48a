//! The services behind this BFF, read tolerantly: each struct holds the fields that are used, no others.

mod catalog;
mod pricing;

pub use catalog::{Catalog, Category, Hours, Product, Shop, Story, Variant, Wanted};
pub use pricing::{Prices, Pricing};
