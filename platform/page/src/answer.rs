//! An HTML answer that says who may keep it, and for how long.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// Who may keep an answer ([RFC 9111](https://www.rfc-editor.org/rfc/rfc9111)).
#[derive(Clone, Debug, Default)]
pub enum Cache {
    /// Nobody: it holds something personal.
    #[default]
    Private,
    /// Everybody, for this many seconds; stale answers may bridge a minute of renewal and a day of failure.
    Public {
        /// Seconds it is fresh in shared caches
        fresh: u32,
        /// Subjects whose change makes it stale at once: `product/onda-vase`
        keys: Vec<String>,
    },
}

/// An HTML answer.
#[derive(Clone, Debug)]
pub struct Html {
    status: StatusCode,
    body: String,
    cache: Cache,
}

impl Html {
    /// A personal answer with status 200.
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

    /// Says who may keep it.
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
