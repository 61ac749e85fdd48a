//! One call of the API.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri, header};
use serde_json::Value;

use super::ApiResponse;
use crate::objects::{Origin, new_id};
use crate::store::calls::StoredResponse;

/// A request to the API.
#[derive(Debug)]
pub struct Call {
    /// The `Request-Id` of the response
    pub id: String,
    pub method: Method,
    pub path: String,
    /// The body of a `POST`, or else the query
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
            id: new_id("req_"),
            path: uri.path().to_owned(),
            method,
            form,
            headers,
        }
    }

    pub fn is_post(&self) -> bool {
        self.method == Method::POST
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The idempotency key. It is ignored unless the method is `POST`.
    pub fn key(&self) -> Option<&str> {
        self.header("idempotency-key").filter(|_| self.is_post())
    }

    pub fn origin(&self) -> Origin {
        Origin::Call(self.id.clone(), self.key().map(str::to_owned))
    }

    /// The URL under which the caller reached the double.
    pub fn address(&self) -> String {
        let host = self.header(header::HOST.as_str()).unwrap_or("127.0.0.1");
        format!("http://{host}")
    }

    pub(super) fn stored_response(&self, params: &Value, answer: &ApiResponse) -> StoredResponse {
        StoredResponse {
            path: self.path.clone(),
            params: params.clone(),
            request: self.id.clone(),
            status: i64::from(answer.status.as_u16()),
            answer: answer.body.clone(),
        }
    }
}
