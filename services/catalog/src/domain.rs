//! The catalog's model and its validation rules.

mod category;
mod fold;
mod html;
mod listing;
mod product;
mod shop;
mod story;
mod text;
mod trade;
mod validation;

pub use category::Category;
pub use fold::{folded, sort_key};
pub use html::Html;
pub use listing::{Cursor, ProductPage, ProductQuery, ProductView, SearchTerms, Sort, SortKey, StatusFilter};
pub use product::{Picture, PlainText, Product, ProductDetail, ProductOption, ProductRef, Variant, VariantWithProduct};
pub use shop::{Address, OpeningHours, Shop};
pub use story::{Story, StoryLink};
pub use text::{AltText, DetailValue, Href, Name, Sku, Summary};
pub use trade::{Gtin, ProductStatus, Weight};
