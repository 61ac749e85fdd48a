//! What every answer says to the browser, and which requests do not come from this shop's own pages.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use service::{Problem, is_foreign};

/// No inline script or style, nothing from elsewhere. The icon stands in the page itself; WebAssembly is what islands
/// are made of.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

pub(crate) async fn middleware(request: Request, next: Next) -> Response {
    // A form on somebody else's page must not act in a shopper's name, nor their socket listen in it.
    let may_act = !request.method().is_safe() || request.headers().contains_key(header::UPGRADE);
    if may_act && is_foreign(request.headers()) {
        return Problem::new(StatusCode::FORBIDDEN, "cross-site", "Cross-site request refused").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
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
    response
}
