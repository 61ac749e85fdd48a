//! The browser's cookies, passed on to the BFF unchanged, except for those that are not ASCII.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use service::{Request, header_items};

/// A browser's cookies.
#[derive(Clone, Debug, Default)]
pub struct Cookies(Option<String>);

impl Cookies {
    /// Whether the browser sent no cookies, so that it cannot have a cart.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the browser sent the cookie of a cart.
    pub fn has_cart(&self) -> bool {
        let cookies = self.0.as_deref().unwrap_or_default().split(';');
        cookies.into_iter().any(|cookie| cookie.trim().starts_with("cart="))
    }

    /// Adds the cookies to a request.
    pub fn add_to(&self, request: Request) -> Request {
        match &self.0 {
            Some(cookies) => request.header(header::COOKIE.as_str(), cookies),
            None => request,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let cookies = header_items(&parts.headers, header::COOKIE, b';').filter(|cookie| cookie.is_ascii());
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        Ok(Self((!cookies.is_empty()).then_some(cookies)))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request};

    use super::*;

    #[tokio::test]
    async fn cookie_that_is_not_ascii_is_left_out_alone() {
        for (sent, passed_on) in [
            (&b"city=Z\xfcrich; cart=1;theme=dark"[..], Some("cart=1; theme=dark")),
            (b"city=Z\xc3\xbcrich", None),
        ] {
            let cookies = HeaderValue::from_bytes(sent).unwrap();
            let (mut parts, ()) = Request::builder()
                .header(header::COOKIE, cookies)
                .body(())
                .unwrap()
                .into_parts();
            let Ok(Cookies(cookies)) = Cookies::from_request_parts(&mut parts, &()).await;
            assert_eq!(cookies.as_deref(), passed_on);
        }
    }
}
