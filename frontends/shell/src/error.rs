//! The shell's own pages: for what does not exist, and for when a frontend is away.

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
use crate::http::composed;
use crate::upstream::{Answer, Request};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page in the shop's looks, with header and footer where they can be had.
pub(crate) fn page(app: App, status: StatusCode, browser: &HeaderMap) -> Response {
    let body = document(&app.0.assets, app.0.discovery.layout(), status);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HTML);
    if status.is_server_error() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    let request = Request::new(Method::GET, String::new(), browser, Bytes::new());
    let answer = Answer {
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

/// Pages for whoever is refused at the door. They are made beforehand and ask for nobody's fragments: there is too
/// much to do just then.
#[derive(Debug)]
pub(crate) struct Refusals {
    too_large: Bytes,
    unreadable: Bytes,
    too_much: Bytes,
}

impl Refusals {
    pub(crate) fn new(assets: &Assets, head: &Bytes) -> Self {
        let page = |status| {
            let nodes = esi::parse(&document(assets, None, status)).unwrap_or_default();
            alone(nodes, head).into()
        };
        Self {
            too_large: page(StatusCode::PAYLOAD_TOO_LARGE),
            unreadable: page(StatusCode::BAD_REQUEST),
            too_much: page(StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// A problem as a page, with its status and headers.
    pub(crate) fn page(&self, problem: Problem) -> Response {
        let page = match problem.status() {
            StatusCode::PAYLOAD_TOO_LARGE => &self.too_large,
            status if status.is_client_error() => &self.unreadable,
            _ => &self.too_much,
        };
        let mut response = problem.into_response();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().insert(header::CONTENT_TYPE, HTML);
        response.map(|_| page.clone().into())
    }
}

/// A document of which only the head is fetched, and that is here.
fn alone(nodes: Vec<Node>, head: &Bytes) -> Vec<u8> {
    let piece = |node| match node {
        Node::Text(text) => text.into_bytes(),
        Node::Include { src, .. } if src == HEAD => head.to_vec(),
        Node::Include { .. } => Vec::new(),
        Node::Try { attempt, except } => match &attempt[..] {
            [Node::Include { src, .. }] if src == HEAD => head.to_vec(),
            _ => alone(except, head),
        },
    };
    nodes.into_iter().flat_map(piece).collect()
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
