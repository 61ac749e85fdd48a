//! One call of the API.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri, header};
use serde_json::Value;

use super::Answer;
use crate::objects::{Origin, name};
use crate::store::calls::Kept;

/// A call as it came.
#[derive(Debug)]
pub struct Call {
    /// Its `Request-Id`.
    pub id: String,
    pub method: Method,
    pub path: String,
    /// Body, or query.
    pub form: Bytes,
    headers: HeaderMap,
}

impl Call {
    pub fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let form = match method {
            Method::POST => body,
            _ => Bytes::copy_from_slice(uri.query().unwrap_or_default().as_bytes()),
        };
        Self {
            id: name("req_"),
            path: uri.path().to_owned(),
            method,
            form,
            headers,
        }
    }

    pub fn is_post(&self) -> bool {
        self.method == Method::POST
    }

    /// A header that is a text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The idempotency key, which counts where something is done.
    pub fn key(&self) -> Option<&str> {
        self.header("idempotency-key").filter(|_| self.is_post())
    }

    pub fn origin(&self) -> Origin {
        Origin::Call(self.id.clone(), self.key().map(str::to_owned))
    }

    /// Where the caller has found the double.
    pub fn address(&self) -> String {
        let host = self.header(header::HOST.as_str()).unwrap_or("127.0.0.1");
        format!("http://{host}")
    }

    /// What is kept of it and its answer.
    pub(super) fn kept(&self, params: &Value, answer: &Answer) -> Kept {
        Kept {
            path: self.path.clone(),
            params: params.clone(),
            request: self.id.clone(),
            status: i64::from(answer.status.as_u16()),
            answer: answer.body.clone(),
        }
    }
}
