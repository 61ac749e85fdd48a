//! What every answer says to the browser.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// No inline script or style, nothing from elsewhere. The icon stands in the page itself; WebAssembly is what islands
/// are made of. Where forms may lead stands last, so that more can be said there: browsers hold redirects to it, too.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// An answer's own policy, in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Policy(pub(crate) HeaderValue);

/// The policy of pages whose forms may lead to these origins, too; none of its own where there are none.
pub(crate) fn policy(origins: &[String]) -> Option<HeaderValue> {
    let own = (!origins.is_empty()).then(|| format!("{POLICY} {}", origins.join(" ")))?;
    HeaderValue::try_from(own).ok()
}

pub(crate) async fn middleware(request: Request, next: Next) -> Response {
    let is_change = !request.method().is_safe();
    let mut response = next.run(request).await;
    let policy = response.extensions_mut().remove::<Policy>();
    secure(response.headers_mut());
    if let Some(Policy(own)) = policy {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, own);
    }
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
