//! The shell's own pages: for what does not exist, and for when a frontend is away.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use leptos::prelude::*;

use crate::App;
use crate::http::composed;
use crate::upstream::{Answer, Request};

/// A page in the shop's looks, with header and footer where they can be had.
pub(crate) fn page(app: App, status: StatusCode, browser: &HeaderMap) -> Response {
    let (title, text) = words(status);
    let layout = app.0.discovery.layout();
    let about = page::Document {
        title: format!("{title} – Stoa"),
        description: text.to_owned(),
        header: layout.map(|layout| layout.header.clone()).unwrap_or_default(),
        footer: layout.map(|layout| layout.footer.clone()).unwrap_or_default(),
        unlisted: true,
        refresh: None,
    };
    let body = page::document(about, &app.0.assets, move || {
        view! {
            <section class="wrap notice-page">
                <h1>{title}</h1>
                <p>{text}</p>
                <p><a class="button" href="/">"Back to the shop"</a></p>
            </section>
        }
    });
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if status.is_server_error() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    let request = Request::new(Method::GET, String::new(), browser, Bytes::new());
    composed(
        app,
        request,
        Answer {
            status,
            headers,
            body: body.into(),
        },
    )
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "Nothing here",
            "There is no page at this address. It may have moved, or it sold out long ago.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ("Too much", "What you sent is larger than this shop can take."),
        status if status.is_client_error() => ("That did not work", "The shop could not read this request."),
        _ => (
            "One moment",
            "This part of the shop is not answering. The rest is open, and your cart is safe. Please try again soon.",
        ),
    }
}
