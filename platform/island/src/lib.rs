//! What every island stands on in the browser.
//!
//! An island is behaviour and draws nothing ([`alive`]): the server has drawn the page, and others change it, from
//! translators to password managers. So nothing of it is hydrated and no node is remembered: whatever an island reads
//! or changes it finds anew each time ([`all`], [`find`]), and where something is missing it leaves the event to the
//! browser, which knows what a form and a link do.
//!
//! Whatever the browser calls goes through the loader's guard ([`callback`], [`settled`]): once anything of a bundle has
//! failed, nothing of it is called any more. See `docs/adr/0012-islands-take-over-whole.md`.

#![warn(missing_docs)]

mod address;
mod ask;
mod document;
mod guard;
mod live;
mod view;

pub use address::address;
pub use ask::{Answer, Message, ask};
pub use document::{all, all_in, announce, count, document, field, find, listen, set_flag, set_text, target};
pub use guard::{begin, callback, settled};
pub use live::{Live, follow};
pub use view::{Nothing, alive};
