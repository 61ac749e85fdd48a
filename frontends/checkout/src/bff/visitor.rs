//! Who asks: the browser's cookies, passed on as they came.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use service::Request;

/// A browser's cookies.
#[derive(Clone, Debug, Default)]
pub struct Visitor(Option<String>);

impl Visitor {
    /// Whether the browser brought nothing at all: then there is nothing that anybody could know of it.
    pub fn is_unknown(&self) -> bool {
        self.0.is_none()
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
        let cookies = parts.headers.get_all(header::COOKIE).into_iter();
        let cookies: Vec<&str> = cookies.filter_map(|value| value.to_str().ok()).collect();
        Ok(Self((!cookies.is_empty()).then(|| cookies.join("; "))))
    }
}
