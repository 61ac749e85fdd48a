//! What every answer says to the browser.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// No inline script or style, nothing from elsewhere. The icon stands in the page itself; WebAssembly is what islands
/// are made of.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

pub(crate) async fn middleware(request: Request, next: Next) -> Response {
    let is_change = !request.method().is_safe();
    let mut response = next.run(request).await;
    secure(response.headers_mut());
    if is_change {
        // What was fetched ahead of a change tells what was before it.
        let forgotten = HeaderValue::from_static("\"prefetchCache\", \"prerenderCache\"");
        response.headers_mut().insert("clear-site-data", forgotten);
    }
    response
}

pub(crate) fn secure(headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "strict-origin-when-cross-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    );
}
