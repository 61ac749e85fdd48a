//! Building blocks of pages: document, ESI includes, the wrapper that marks each frontend's part of a page, form fields,
//! pictures and static files.
//!
//! Handlers fetch data, components render it: [`render`] turns a view over plain data into HTML, without resources, suspense
//! or a router. Invariants: the HTML has no inline script and no inline style, every asset's URL contains a hash of the
//! content, and a response is `private, no-store` unless it is declared public.

#![warn(missing_docs)]

mod assets;
mod document;
mod field;
mod html;
mod include;
mod islands;
mod picture;

pub use assets::Assets;
pub use document::{Document, Frontend, document, fragment, personal_fragment};
pub use field::{Field, FieldErrorMessage, IdempotencyKeyField, InputSpec, error_id};
pub use html::{Cache, Html};
pub use include::Include;
pub use island::with_query;
pub use islands::render;
pub use picture::{Loading, Picture, Shape};
