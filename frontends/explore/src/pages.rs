//! Pages: plain data in, a document out.

pub mod category;
pub mod error;
pub mod home;

use page::Document;

/// A document with the shop's header and footer.
fn about(title: String, description: &str) -> Document {
    Document {
        title,
        description: description.to_owned(),
        header: "/explore/fragments/header".to_owned(),
        footer: "/explore/fragments/footer".to_owned(),
    }
}
