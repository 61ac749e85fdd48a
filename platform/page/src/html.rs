//! HTML responses with caching headers.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// Who may cache a response ([RFC 9111](https://www.rfc-editor.org/rfc/rfc9111)).
#[derive(Clone, Debug, Default)]
pub enum Cache {
    /// No cache: the response is personal.
    #[default]
    Private,
    /// All caches. A stale response may be served for a minute while it is renewed, and for a day while the frontend fails.
    Public {
        /// Seconds for which shared caches may serve it without asking
        fresh: u32,
        /// Subjects whose change invalidates the response (`surrogate-key`), for example `product/onda-vase`
        keys: Vec<String>,
    },
}

/// An HTML response.
#[derive(Clone, Debug)]
pub struct Html {
    status: StatusCode,
    body: String,
    cache: Cache,
}

impl Html {
    /// Creates a response with status 200 that is not cached.
    #[must_use]
    pub fn new(body: String) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            cache: Cache::Private,
        }
    }

    /// Sets the status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Sets who may cache the response.
    #[must_use]
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = cache;
        self
    }
}

impl IntoResponse for Html {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::response::Html(self.body)).into_response();
        let headers = response.headers_mut();
        match self.cache {
            Cache::Private => {
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            }
            Cache::Public { fresh, keys } => {
                let control = format!("public, s-maxage={fresh}, stale-while-revalidate=60, stale-if-error=86400");
                headers.insert(header::CACHE_CONTROL, HeaderValue::try_from(control).expect("digits"));
                if let Ok(keys) = HeaderValue::try_from(keys.join(" ")) {
                    headers.insert(HeaderName::from_static("surrogate-key"), keys);
                }
            }
        }
        response
    }
}
