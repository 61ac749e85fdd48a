//! Pages: plain data in, a document out.

pub mod category;
pub mod error;
pub mod home;
pub mod search;
pub mod stores;

use leptos::prelude::*;
use page::Document;

/// A document with the shop's header and footer.
fn about(title: String, description: &str) -> Document {
    Document {
        title,
        description: description.to_owned(),
        header: "/explore/fragments/header".to_owned(),
        footer: "/explore/fragments/footer".to_owned(),
        unlisted: false,
        refresh: None,
        personal: None,
    }
}

/// The way back to the first products of a list, and on to more of them.
#[component]
fn More(
    /// Address of the first ones
    start: String,
    /// Whether these are not the first
    is_later: bool,
    /// Address of the next ones
    next: Option<String>,
) -> impl IntoView {
    (is_later || next.is_some()).then(|| {
        view! {
            <nav class="more" aria-label="More objects">
                {is_later.then(|| view! { <a class="button button-quiet" href=start>"Back to the first"</a> })}
                {next.map(|next| view! { <a class="button button-quiet" href=next rel="next">"Show more"</a> })}
            </nav>
        }
    })
}

/// An address with a query, of which only what is there is named.
fn address(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
