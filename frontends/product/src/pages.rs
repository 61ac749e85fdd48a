//! Pages: functions from data to an HTML document.

pub mod error;
pub mod product;

use page::Document;

/// The settings of a document with the shop's header and footer.
fn layout(title: &str, description: &str) -> Document {
    Document {
        title: format!("{title} – Stoa"),
        description: description.to_owned(),
        header: "/explore/fragments/header".to_owned(),
        footer: "/explore/fragments/footer".to_owned(),
        unlisted: false,
        refresh: None,
        personal: None,
    }
}
