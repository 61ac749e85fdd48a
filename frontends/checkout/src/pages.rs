//! Pages: data in, an HTML document out.

mod card;
pub mod cart;
pub mod checkout;
pub mod error;
pub mod order;
mod price_change;
mod recommendations;
pub mod retry;
mod totals;
mod waiting_order;

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
