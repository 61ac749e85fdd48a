//! `Cache-Control` of responses.

use axum::response::Response;
use http::{HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// A layer that adds `Cache-Control: <control>` to successful responses without one. Caches store responses to `GET` and
/// `HEAD` alone ([RFC 9111](https://www.rfc-editor.org/rfc/rfc9111)).
#[must_use]
pub fn cache_control(
    control: &'static str,
) -> SetResponseHeaderLayer<impl Fn(&Response) -> Option<HeaderValue> + Clone + Send + Sync> {
    let say = move |response: &Response| {
        response
            .status()
            .is_success()
            .then(|| HeaderValue::from_static(control))
    };
    SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, say)
}
