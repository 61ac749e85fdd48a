//! Handlers: pass a request on, compose the answer.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Path, Request as Incoming, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use page::{Assets, render};
use service::{BaseUrl, Problem};

use crate::discovery::Target;
use crate::upstream::{Answer, Error, Request};
use crate::{App, compose, error, esi, tunnel};

const HOUR: &str = "public, max-age=3600";

/// What every document's head holds: the shared style sheet and the loader of islands.
pub(crate) fn head(assets: &Assets) -> String {
    use leptos::prelude::*;
    render(|| {
        let style = assets
            .url("base.css")
            .map(|href| view! { <link rel="stylesheet" href=href/> });
        let loader = assets
            .url("loader.js")
            .map(|src| view! { <script type="module" src=src></script> });
        let icon = assets
            .text("icons/stoa.svg")
            .map(|svg| view! { <link rel="icon" href=data_url(svg) type="image/svg+xml"/> });
        (style, loader, icon)
    })
}

/// A small picture in the place of its address, which saves asking for it:
/// [RFC 2397](https://www.rfc-editor.org/rfc/rfc2397).
fn data_url(svg: &str) -> String {
    let svg = svg.trim().replace('%', "%25").replace('#', "%23");
    format!("data:image/svg+xml,{}", svg.replace('"', "'"))
}

/// The address of the [speculation rules](https://html.spec.whatwg.org/multipage/speculative-loading.html), as a header
/// has it.
pub(crate) fn speculation(assets: &Assets) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{}\"", assets.url("links.speculationrules")?)).ok()
}

/// The head as a fragment, for a cache that composes in the shell's place.
pub(crate) async fn show_head(State(app): State<App>) -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, HOUR),
        ],
        app.0.head.clone(),
    )
        .into_response()
}

/// Shared files under their plain names.
pub(crate) async fn show_asset(State(app): State<App>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    app.0.assets.answer(&file, &headers, HOUR)
}

/// Everything that is not the shell's own.
pub(crate) async fn forward(State(app): State<App>, incoming: Incoming) -> Response {
    let (path, whole) = (incoming.uri().path().to_owned(), incoming.uri().to_string());
    if is_trick(&path) {
        return Problem::new(StatusCode::BAD_REQUEST, "malformed-path", "Malformed path").into_response();
    }
    let target = app.0.discovery.target(&path);
    if let Some(Target::Api(base, rest)) = &target
        && tunnel::is_wanted(&incoming)
    {
        return tunnel::open(&app, base, whole.replacen(&path, rest, 1), incoming).await;
    }
    let (method, headers) = (incoming.method().clone(), incoming.headers().clone());
    let body = match Bytes::from_request(incoming, &app).await {
        Ok(body) => body,
        Err(rejection) => return error::page(app, rejection.status(), &headers),
    };
    let mut request = Request::new(method, whole, &headers, body);
    if !matches!(target, Some(Target::Frontend { page: true, .. })) {
        request.accept_encodings(&headers);
    }
    match target {
        None => error::page(app, StatusCode::NOT_FOUND, &headers),
        Some(Target::Api(base, rest)) => {
            request.path = request.path.replacen(&path, &rest, 1);
            api(&app, &base, &request).await
        }
        Some(Target::Frontend { base, fallback, page }) => {
            match fetch(&app, &base, fallback.as_ref(), &request).await {
                Err(cause) => {
                    tracing::warn!(%path, %base, %cause, "a page is missing");
                    error::page(app, status(&cause), &headers)
                }
                Ok(answer) if page => composed(app, request, answer),
                Ok(answer) => whole_answer(answer),
            }
        }
    }
}

/// Paths that could mean something else behind the shell than before it.
fn is_trick(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let dots = path.split('/').any(|segment| segment == ".." || segment == ".");
    dots || path.starts_with("//")
        || ["%2e", "%2f", "%5c", "%00", "\\"]
            .iter()
            .any(|trick| lower.contains(trick))
}

async fn fetch(app: &App, base: &BaseUrl, fallback: Option<&BaseUrl>, request: &Request) -> Result<Answer, Error> {
    let outcome = app.0.upstream.send(base, request, app.0.page_timeout).await;
    match fallback {
        // Only what is safe to repeat.
        Some(fallback) if request.method.is_safe() && needs_fallback(&outcome) => {
            app.0.upstream.send(fallback, request, app.0.page_timeout).await
        }
        _ => outcome,
    }
}

fn needs_fallback(outcome: &Result<Answer, Error>) -> bool {
    outcome.as_ref().map_or(true, |answer| answer.status.is_server_error())
}

fn status(cause: &Error) -> StatusCode {
    match cause {
        Error::Timeout(_) => StatusCode::GATEWAY_TIMEOUT,
        Error::Unreachable(_) | Error::Status(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn api(app: &App, base: &BaseUrl, request: &Request) -> Response {
    match app.0.upstream.send(base, request, app.0.page_timeout).await {
        Ok(answer) => whole_answer(answer),
        Err(cause) => {
            tracing::warn!(path = request.path, %cause, "an API does not answer");
            Problem::unavailable("This part of the shop").into_response()
        }
    }
}

pub(crate) fn whole_answer(answer: Answer) -> Response {
    (answer.status, answer.headers, answer.body).into_response()
}

/// Streams a page with its fragments in their places. What is composed for one shopper is kept by nobody else.
pub(crate) fn composed(app: App, request: Request, answer: Answer) -> Response {
    let is_html = answer
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html"));
    let Some(text) = std::str::from_utf8(&answer.body).ok().filter(|_| is_html) else {
        return whole_answer(answer);
    };
    match esi::parse(text) {
        Ok(nodes) => {
            let speculation = app.0.speculation.clone();
            let mut response = Body::from_stream(compose::stream(app, request, nodes)).into_response();
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
            if let Some(rules) = speculation {
                response.headers_mut().insert("speculation-rules", rules);
            }
            response
        }
        Err(cause) => {
            tracing::error!(path = request.path, %cause, "a page with broken ESI");
            whole_answer(answer)
        }
    }
}
