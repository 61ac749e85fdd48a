//! Responses to the browser, made of an upstream's.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use service::{causes, header_items};

use crate::upstream::{UpstreamRequest, UpstreamResponse};
use crate::{App, compose, esi};

/// Passes an upstream's response on unchanged.
pub(crate) fn unchanged(answer: UpstreamResponse) -> Response {
    let mut response = (answer.status, answer.headers, answer.body).into_response();
    if let Some(length) = answer.length {
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    response
}

/// Streams a page with its fragments. A response that is not HTML is passed on unchanged.
pub(crate) fn composed(app: App, request: UpstreamRequest, answer: UpstreamResponse) -> Response {
    let is_html = answer
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let Some(text) = std::str::from_utf8(&answer.body).ok().filter(|_| is_html) else {
        return unchanged(answer);
    };
    match esi::parse(text) {
        Ok(nodes) => {
            let (speculation, cache_control) = (app.0.speculation.clone(), cache_control(&answer.headers));
            let body = if request.method == Method::HEAD {
                Body::empty()
            } else {
                Body::from_stream(compose::stream(app, request, nodes))
            };
            let mut response = body.into_response();
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            response.headers_mut().insert(header::CACHE_CONTROL, cache_control);
            if let Some(rules) = speculation {
                response.headers_mut().insert("speculation-rules", rules);
            }
            response
        }
        Err(error) => {
            tracing::error!(
                path = request.path,
                error = causes(&error),
                "the ESI of a page is broken"
            );
            unchanged(answer)
        }
    }
}

/// A composed page is for one shopper: only their browser may store it, and must revalidate it. If the page's own frontend
/// forbids storing it at all, so does the shell.
fn cache_control(page: &HeaderMap) -> HeaderValue {
    let mut directives = header_items(page, header::CACHE_CONTROL, b',');
    if directives.any(|directive| directive.eq_ignore_ascii_case("no-store")) {
        HeaderValue::from_static("private, no-store")
    } else {
        HeaderValue::from_static("private, no-cache")
    }
}
