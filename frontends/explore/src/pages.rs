//! Pages: each renders plain data to an HTML document.

pub mod category;
pub mod error;
pub mod home;
pub mod search;
pub mod stores;

use leptos::prelude::*;
use page::Document;

/// A document with the shop's header and footer.
fn shop_document(title: String, description: &str) -> Document {
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

/// Links to the first and the next page of a list.
#[component]
fn Pagination(
    first: String,
    /// Whether this is not the first page
    is_later: bool,
    next: Option<String>,
) -> impl IntoView {
    (is_later || next.is_some()).then(|| {
        view! {
            <nav class="more" aria-label="More products">
                {is_later.then(|| view! { <a class="button button-quiet" href=first>"Back to the first page"</a> })}
                {next.map(|next| view! { <a class="button button-quiet" href=next rel="next">"Show more"</a> })}
            </nav>
        }
    })
}

/// A URL with those query parameters that have a value.
fn url(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
