//! Runtime of all islands in the browser.
//!
//! An island adds behaviour and renders nothing ([`on_mount`]): the server has rendered the page, and others change it, for
//! example translators and password managers. So no markup is hydrated and no node is kept: an island looks up whatever it
//! reads or changes each time ([`all`], [`find`]). Where something is missing it leaves the event to the browser, which can
//! submit the form or follow the link itself.
//!
//! Everything that the browser calls goes through the loader's guard ([`callback`], [`resolve`]): once a bundle has failed, it
//! is not called any more. See `docs/adr/0012-islands-take-over-whole.md`.

#![warn(missing_docs)]

mod document;
mod fetch;
mod guard;
mod live;
mod query;
mod view;

pub use document::{all, all_in, announce, count, document, field, find, listen, set_flag, set_text, target};
pub use fetch::{JsonResponse, Post, fetch};
pub use guard::{callback, install_guard, resolve};
pub use live::{LiveUpdates, follow};
pub use query::with_query;
pub use view::{EmptyView, on_mount};
