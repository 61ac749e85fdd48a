//! Security headers of every response.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// No inline scripts or styles, and nothing from other hosts. `data:` is for the icon in the page, `wasm-unsafe-eval` for the
/// islands. `form-action` is the last directive, so that origins can be appended; browsers apply it to redirects as well.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// The content security policy of a page, in the extensions of its response.
#[derive(Clone, Debug)]
pub(crate) struct PagePolicy(pub(crate) HeaderValue);

/// The policy for pages whose forms may also lead to these origins; `None` if there are none.
pub(crate) fn policy(origins: &[String]) -> Option<HeaderValue> {
    let own = (!origins.is_empty()).then(|| format!("{POLICY} {}", origins.join(" ")))?;
    HeaderValue::try_from(own).ok()
}

pub(crate) async fn middleware(request: Request, next: Next) -> Response {
    let is_change = !request.method().is_safe();
    let mut response = next.run(request).await;
    let policy = response.extensions_mut().remove::<PagePolicy>();
    secure(response.headers_mut());
    if let Some(PagePolicy(own)) = policy {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, own);
    }
    if is_change {
        // Prefetched pages show the state before the change.
        let caches = HeaderValue::from_static("\"prefetchCache\", \"prerenderCache\"");
        response.headers_mut().insert("clear-site-data", caches);
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
