//! Handlers: pass a request on, compose the answer.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Path, Request as Incoming, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use page::{Assets, render};
use service::{BaseUrl, Problem, causes, pieces};

use crate::discovery::Target;
use crate::security::Policy;
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

/// For those who ask without having read a page.
pub(crate) async fn show_icon(State(app): State<App>, headers: HeaderMap) -> Response {
    app.0.assets.answer("icons/favicon.ico", &headers, HOUR)
}

/// What crawlers may read: [RFC 9309](https://www.rfc-editor.org/rfc/rfc9309).
pub(crate) async fn show_robots(State(app): State<App>, headers: HeaderMap) -> Response {
    app.0.assets.answer("robots.txt", &headers, HOUR)
}

/// Everything that is not the shell's own.
pub(crate) async fn forward(State(app): State<App>, incoming: Incoming) -> Response {
    let is_head = incoming.method() == Method::HEAD;
    let response = answer(app, incoming).await;
    if is_head { without_body(response) } else { response }
}

/// The length that is told is that of the answer to `GET`, or none: the body's own would be 0.
fn without_body(response: Response) -> Response {
    let nothing = stream::empty::<Result<Bytes, std::convert::Infallible>>();
    response.map(|_| Body::from_stream(nothing))
}

async fn answer(app: App, incoming: Incoming) -> Response {
    let (path, whole) = (incoming.uri().path().to_owned(), incoming.uri().to_string());
    if is_trick(&path) {
        return Problem::new(StatusCode::BAD_REQUEST, "malformed-path", "Malformed path").into_response();
    }
    if let Some(address) = one_address(&app, &path) {
        let location = whole.replacen(&path, &address, 1);
        return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response();
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
        request.take_as_it_is(&headers);
    }
    match target {
        None => error::page(app, StatusCode::NOT_FOUND, &headers),
        Some(Target::Api(base, rest)) => {
            request.path = request.path.replacen(&path, &rest, 1);
            api(&app, &base, &request).await
        }
        Some(Target::Frontend {
            base,
            fallback,
            page,
            policy,
        }) => match fetch(&app, &base, fallback.as_ref(), &request).await {
            Err(error) => {
                tracing::warn!(path, upstream = %base, error = causes(&error), "a page is missing");
                error::page(app, status(&error), &headers)
            }
            Ok(answer) if page => {
                let mut response = composed(app, request, answer);
                if let Some(own) = policy {
                    response.extensions_mut().insert(Policy(own));
                }
                response
            }
            Ok(answer) => whole_answer(answer),
        },
    }
}

/// Where a page is that was asked for with slashes after its address.
fn one_address(app: &App, path: &str) -> Option<String> {
    let address = path.trim_end_matches('/');
    let is_other = address.len() < path.len() && !address.is_empty();
    let is_page = || {
        matches!(
            app.0.discovery.target(address),
            Some(Target::Frontend { page: true, .. })
        )
    };
    (is_other && is_page()).then(|| address.to_owned())
}

/// Paths that could mean something else behind the shell than before it.
fn is_trick(path: &str) -> bool {
    let dots = path.split('/').any(|segment| segment == ".." || segment == ".");
    dots || path.starts_with("//") || path.contains('\\') || decoded(path).is_none()
}

/// What the path says, if nothing in it is hidden: `%2e`, `%2f` and `%5c` stand for what has a meaning of its own, and
/// what cannot be seen is left out by some who read addresses.
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

async fn fetch(app: &App, base: &BaseUrl, fallback: Option<&BaseUrl>, request: &Request) -> Result<Answer, Error> {
    // Only what is safe to repeat.
    let fallback = fallback.filter(|_| request.method.is_safe());
    let is_good = |answer: &Answer| !answer.status.is_server_error();
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

async fn api(app: &App, base: &BaseUrl, request: &Request) -> Response {
    match app.0.upstream.send(base, request, app.0.page_timeout).await {
        Ok(answer) => whole_answer(answer),
        Err(Error::Invalid) => {
            Problem::new(StatusCode::BAD_REQUEST, "malformed-path", "Malformed path").into_response()
        }
        Err(error) => {
            tracing::warn!(path = request.path, upstream = %base, error = causes(&error), "an API does not answer");
            Problem::unavailable("This part of the shop").into_response()
        }
    }
}

pub(crate) fn whole_answer(answer: Answer) -> Response {
    let mut response = (answer.status, answer.headers, answer.body).into_response();
    if let Some(length) = answer.length {
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    response
}

/// Who may keep a page that is made of many: nobody but its browser, and that one asks again. Where the page's own
/// frontend lets not even that one keep it, so does the shell.
fn keeping(page: &HeaderMap) -> HeaderValue {
    let mut directives = pieces(page, header::CACHE_CONTROL, b',');
    if directives.any(|directive| directive.eq_ignore_ascii_case("no-store")) {
        HeaderValue::from_static("private, no-store")
    } else {
        HeaderValue::from_static("private, no-cache")
    }
}

/// Streams a page with its fragments in their places. What is composed for one shopper is kept by nobody else.
pub(crate) fn composed(app: App, request: Request, answer: Answer) -> Response {
    let is_html = answer
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let Some(text) = std::str::from_utf8(&answer.body).ok().filter(|_| is_html) else {
        return whole_answer(answer);
    };
    match esi::parse(text) {
        Ok(nodes) => {
            let (speculation, keeping) = (app.0.speculation.clone(), keeping(&answer.headers));
            let body = if request.method == Method::HEAD {
                Body::empty()
            } else {
                Body::from_stream(compose::stream(app, request, nodes))
            };
            let mut response = body.into_response();
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            response.headers_mut().insert(header::CACHE_CONTROL, keeping);
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
            whole_answer(answer)
        }
    }
}
