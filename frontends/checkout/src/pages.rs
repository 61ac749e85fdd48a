//! Pages: plain data in, a document out.

mod card;
pub mod cart;
pub mod checkout;
pub mod error;
pub mod order;
mod recommendations;
mod repriced;
pub mod retry;
mod totals;
mod waiting;

use page::Document;

/// A document with the shop's header and footer.
fn about(title: &str, description: &str) -> Document {
    Document {
        title: format!("{title} – Stoa"),
        description: description.to_owned(),
        header: "/explore/fragments/header".to_owned(),
        footer: "/explore/fragments/footer".to_owned(),
        unlisted: true,
        refresh: None,
        personal: None,
    }
}
