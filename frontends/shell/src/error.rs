//! The shell's own pages: for unknown paths, and for failures.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;
use page::Assets;
use service::Problem;

use crate::App;
use crate::compose::HEAD;
use crate::discovery::Layout;
use crate::esi::{self, Node};
use crate::response::composed;
use crate::upstream::{UpstreamRequest, UpstreamResponse};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// An error page in the shop's design, with header and footer if they are available.
pub(crate) fn page(app: App, status: StatusCode, browser: &HeaderMap) -> Response {
    let body = document(&app.0.assets, app.0.discovery.layout(), status);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HTML);
    if status.is_server_error() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    let request = UpstreamRequest::new(Method::GET, String::new(), browser, Bytes::new());
    let answer = UpstreamResponse {
        status,
        headers,
        length: None,
        body: body.into(),
    };
    composed(app, request, answer)
}

fn document(assets: &Assets, layout: Option<&Layout>, status: StatusCode) -> String {
    let (title, text) = words(status);
    let about = page::Document {
        title: format!("{title} – Stoa"),
        description: text.to_owned(),
        header: layout.map(|layout| layout.header.clone()).unwrap_or_default(),
        footer: layout.map(|layout| layout.footer.clone()).unwrap_or_default(),
        unlisted: true,
        refresh: None,
        personal: None,
    };
    page::document(about, assets, move || {
        view! {
            <section class="wrap notice-page">
                <h1>{title}</h1>
                <p>{text}</p>
                <p><a class="button" href="/">"Back to the shop"</a></p>
            </section>
        }
    })
}

/// Error pages for requests that the chassis rejects. They are made in advance and include no fragments, because the shell may
/// be overloaded then.
#[derive(Debug)]
pub(crate) struct ErrorPages {
    too_large: Bytes,
    bad_request: Bytes,
    unavailable: Bytes,
}

impl ErrorPages {
    pub(crate) fn new(assets: &Assets, head: &Bytes) -> Self {
        let page = |status| {
            let nodes = esi::parse(&document(assets, None, status)).unwrap_or_default();
            without_fragments(nodes, head).into()
        };
        Self {
            too_large: page(StatusCode::PAYLOAD_TOO_LARGE),
            bad_request: page(StatusCode::BAD_REQUEST),
            unavailable: page(StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// The page for a problem, with the problem's status and headers.
    pub(crate) fn page(&self, problem: Problem) -> Response {
        let page = match problem.status() {
            StatusCode::PAYLOAD_TOO_LARGE => &self.too_large,
            status if status.is_client_error() => &self.bad_request,
            _ => &self.unavailable,
        };
        let mut response = problem.into_response();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().insert(header::CONTENT_TYPE, HTML);
        response.map(|_| page.clone().into())
    }
}

/// The document with the shell's own head, and without other fragments.
fn without_fragments(nodes: Vec<Node>, head: &Bytes) -> Vec<u8> {
    let piece = |node| match node {
        Node::Text(text) => text.into_bytes(),
        Node::Include { src, .. } if src == HEAD => head.to_vec(),
        Node::Include { .. } => Vec::new(),
        Node::Try { attempt, except } => match &attempt[..] {
            [Node::Include { src, .. }] if src == HEAD => head.to_vec(),
            _ => without_fragments(except, head),
        },
    };
    nodes.into_iter().flat_map(piece).collect()
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "Page not found",
            "There is no page at this address. It may have moved, or no longer exist.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ("Request too large", "What you sent is larger than this shop accepts."),
        status if status.is_client_error() => ("Something went wrong", "We could not read this request."),
        _ => (
            "One moment",
            "This part of the shop is not available right now. The rest is open, and your cart is safe. Please try again soon.",
        ),
    }
}
