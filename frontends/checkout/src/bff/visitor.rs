//! Who asks: the browser's cookies, passed on as they came; those that nobody could read, left out.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use service::{Request, pieces};

/// A browser's cookies.
#[derive(Clone, Debug, Default)]
pub struct Visitor(Option<String>);

impl Visitor {
    /// Whether the browser brought nothing at all: then there is nothing that anybody could know of it.
    pub fn is_unknown(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the browser brought the name of a cart.
    pub fn has_cart(&self) -> bool {
        let cookies = self.0.as_deref().unwrap_or_default().split(';');
        cookies.into_iter().any(|cookie| cookie.trim().starts_with("cart="))
    }

    /// The request as the visitor's own.
    pub fn identify(&self, request: Request) -> Request {
        match &self.0 {
            Some(cookies) => request.header(header::COOKIE.as_str(), cookies),
            None => request,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let cookies = pieces(&parts.headers, header::COOKIE, b';').filter(|cookie| cookie.is_ascii());
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        Ok(Self((!cookies.is_empty()).then_some(cookies)))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request};

    use super::*;

    #[tokio::test]
    async fn a_cookie_that_nobody_could_read_takes_no_other_with_it() {
        for (brought, passed_on) in [
            (&b"city=Z\xfcrich; cart=1;theme=dark"[..], Some("cart=1; theme=dark")),
            (b"city=Z\xc3\xbcrich", None),
        ] {
            let cookies = HeaderValue::from_bytes(brought).unwrap();
            let (mut parts, ()) = Request::builder()
                .header(header::COOKIE, cookies)
                .body(())
                .unwrap()
                .into_parts();
            let Ok(Visitor(cookies)) = Visitor::from_request_parts(&mut parts, &()).await;
            assert_eq!(cookies.as_deref(), passed_on);
        }
    }
}
