//! Clients of the services behind this BFF. Each struct has only the fields that are used.

mod catalog;
mod pricing;

pub use catalog::{Catalog, Category, OpeningHours, Product, ProductQuery, Shop, Story, Variant};
pub use pricing::{Prices, Pricing};
