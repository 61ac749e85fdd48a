//! Handlers: the shell's own files, and forwarding to frontends and BFFs.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Path, Request as Incoming, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use page::{Assets, render};
use service::{BaseUrl, Problem, causes};

use crate::discovery::Route;
use crate::response::{composed, unchanged};
use crate::security::PagePolicy;
use crate::upstream::{Error, UpstreamRequest, UpstreamResponse};
use crate::{App, error, tunnel};

const HOUR: &str = "public, max-age=3600";

/// The head of every document: the shared style sheet, the loader of islands and the icon.
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

/// The icon as a `data:` URL, which saves a request:
/// [RFC 2397](https://www.rfc-editor.org/rfc/rfc2397).
fn data_url(svg: &str) -> String {
    let svg = svg.trim().replace('%', "%25").replace('#', "%23");
    format!("data:image/svg+xml,{}", svg.replace('"', "'"))
}

/// The `Speculation-Rules` header: the address of the
/// [speculation rules](https://html.spec.whatwg.org/multipage/speculative-loading.html).
pub(crate) fn speculation(assets: &Assets) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{}\"", assets.url("links.speculationrules")?)).ok()
}

/// The head as a fragment, for a cache that composes pages instead of the shell.
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

/// Shared files by their plain names.
pub(crate) async fn show_asset(State(app): State<App>, Path(file): Path<String>, headers: HeaderMap) -> Response {
    app.0.assets.answer(&file, &headers, HOUR)
}

/// The icon, for clients that have not read a page.
pub(crate) async fn show_icon(State(app): State<App>, headers: HeaderMap) -> Response {
    app.0.assets.answer("icons/favicon.ico", &headers, HOUR)
}

/// The rules for crawlers: [RFC 9309](https://www.rfc-editor.org/rfc/rfc9309).
pub(crate) async fn show_robots(State(app): State<App>, headers: HeaderMap) -> Response {
    app.0.assets.answer("robots.txt", &headers, HOUR)
}

/// Forwards all other requests.
pub(crate) async fn forward(State(app): State<App>, incoming: Incoming) -> Response {
    let is_head = incoming.method() == Method::HEAD;
    let response = answer(app, incoming).await;
    if is_head { without_body(response) } else { response }
}

/// Replaces the body by an empty stream, so that `Content-Length` stays that of `GET`, or absent, instead of 0.
fn without_body(response: Response) -> Response {
    let nothing = stream::empty::<Result<Bytes, std::convert::Infallible>>();
    response.map(|_| Body::from_stream(nothing))
}

async fn answer(app: App, incoming: Incoming) -> Response {
    let (path, uri) = (incoming.uri().path().to_owned(), incoming.uri().to_string());
    if is_ambiguous(&path) {
        return Problem::new(StatusCode::BAD_REQUEST, "malformed-path", "Malformed path").into_response();
    }
    if let Some(canonical) = canonical_path(&app, &path) {
        let location = uri.replacen(&path, &canonical, 1);
        return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response();
    }
    let route = app.0.discovery.route(&path);
    if let Some(Route::Api(base, rest)) = &route
        && tunnel::is_websocket(&incoming)
    {
        return tunnel::open(&app, base, uri.replacen(&path, rest, 1), incoming).await;
    }
    let (method, headers) = (incoming.method().clone(), incoming.headers().clone());
    let body = match Bytes::from_request(incoming, &app).await {
        Ok(body) => body,
        Err(rejection) => return error::page(app, rejection.status(), &headers),
    };
    let mut request = UpstreamRequest::new(method, uri, &headers, body);
    if !matches!(route, Some(Route::Frontend { is_page: true, .. })) {
        request.pass_on_encoding_and_range(&headers);
    }
    match route {
        None => error::page(app, StatusCode::NOT_FOUND, &headers),
        Some(Route::Api(base, rest)) => {
            request.path = request.path.replacen(&path, &rest, 1);
            api(&app, &base, &request).await
        }
        Some(Route::Frontend {
            base,
            fallback,
            is_page,
            policy,
        }) => match fetch(&app, &base, fallback.as_ref(), &request).await {
            Err(error) => {
                tracing::warn!(path, upstream = %base, error = causes(&error), "a page is missing");
                error::page(app, status(&error), &headers)
            }
            Ok(answer) if is_page => {
                let mut response = composed(app, request, answer);
                if let Some(own) = policy {
                    response.extensions_mut().insert(PagePolicy(own));
                }
                response
            }
            Ok(answer) => unchanged(answer),
        },
    }
}

/// The path without trailing slashes, if it leads to a page.
fn canonical_path(app: &App, path: &str) -> Option<String> {
    let canonical = path.trim_end_matches('/');
    let is_different = canonical.len() < path.len() && !canonical.is_empty();
    let is_page = || {
        matches!(
            app.0.discovery.route(canonical),
            Some(Route::Frontend { is_page: true, .. })
        )
    };
    (is_different && is_page()).then(|| canonical.to_owned())
}

/// Whether the parts behind the shell could read the path differently than the shell does.
fn is_ambiguous(path: &str) -> bool {
    let dots = path.split('/').any(|segment| segment == ".." || segment == ".");
    dots || path.starts_with("//") || path.contains('\\') || decoded(path).is_none()
}

/// The decoded path, or `None` if it hides something: `%2e`, `%2f` and `%5c` stand for characters with a meaning of their own,
/// and some URL parsers drop control characters.
fn decoded(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), path.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let byte = match first {
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                let digits = std::str::from_utf8(digits)
                    .ok()
                    .filter(|digits| !digits.starts_with('+'))?;
                u8::from_str_radix(digits, 16)
                    .ok()
                    .filter(|byte| !b"./\\".contains(byte))?
            }
            byte => *byte,
        };
        bytes.push(byte);
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}

async fn fetch(
    app: &App,
    base: &BaseUrl,
    fallback: Option<&BaseUrl>,
    request: &UpstreamRequest,
) -> Result<UpstreamResponse, Error> {
    // The fallback repeats the request, so it is only for safe methods.
    let fallback = fallback.filter(|_| request.method.is_safe());
    let is_good = |answer: &UpstreamResponse| !answer.status.is_server_error();
    let upstream = &app.0.upstream;
    upstream
        .send_or_fall_back((base, fallback), request, app.0.page_timeout, is_good)
        .await
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Invalid => StatusCode::BAD_REQUEST,
        Error::Timeout(..) => StatusCode::GATEWAY_TIMEOUT,
        Error::Hung(_) | Error::Unreachable(_) | Error::Status(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn api(app: &App, base: &BaseUrl, request: &UpstreamRequest) -> Response {
    match app.0.upstream.send(base, request, app.0.page_timeout).await {
        Ok(answer) => unchanged(answer),
        Err(Error::Invalid) => {
            Problem::new(StatusCode::BAD_REQUEST, "malformed-path", "Malformed path").into_response()
        }
        Err(error) => {
            tracing::warn!(path = request.path, upstream = %base, error = causes(&error), "an API does not answer");
            Problem::unavailable("This part of the shop").into_response()
        }
    }
}
