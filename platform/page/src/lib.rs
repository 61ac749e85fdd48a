//! What every page is made of: the document, ESI includes, the wrapper that marks whose part of
//! the page it is, and a frontend's assets.
//!
//! Handlers fetch, components draw: [`render`] turns a view over plain data into HTML, without
//! resources, suspense or a router. Invariants: no inline script and no inline style leaves this
//! crate, every asset's address holds the hash of its content, and whatever is not said to be
//! public is `private, no-store`.

#![warn(missing_docs)]

mod answer;
mod assets;
mod document;
mod field;
mod include;
mod islands;
mod picture;

pub use answer::{Cache, Html};
pub use assets::Assets;
pub use document::{Document, Frontend, document, fragment, personal_fragment};
pub use field::{Ask, Field, Key, Wrong, error_id};
pub use include::Include;
pub use island::address;
pub use islands::render;
pub use picture::{Haste, Picture, Shape};
