//! Errors as problem documents: [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An `application/problem+json` answer. Its `type` is stable; texts may change.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema, thiserror::Error)]
#[error("{status} {title}: {detail}")]
pub struct Problem {
    /// What kind of problem this is: `urn:problem:<kind>`
    #[serde(rename = "type")]
    kind: Cow<'static, str>,
    /// The kind in words
    pub title: Cow<'static, str>,
    /// The HTTP status, repeated
    pub status: u16,
    /// What happened this time, for people
    #[serde(default)]
    pub detail: String,
    /// Which fields are wrong
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One wrong field of a request.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where, as a JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) fragment: `#/lines/0/quantity`
    pub pointer: String,
    /// What is wrong with it, for people
    pub detail: String,
}

const PREFIX: &str = "urn:problem:";

impl Problem {
    /// A problem of a kind (`out-of-stock`) with a title (`Sold out`).
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, title: &'static str) -> Self {
        Self {
            kind: format!("{PREFIX}{kind}").into(),
            title: title.into(),
            status: status.as_u16(),
            detail: String::new(),
            errors: Vec::new(),
        }
    }

    /// Adds what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds a wrong field. `pointer` is a JSON pointer without the `#`: `/lines/0/quantity`.
    #[must_use]
    pub fn field(mut self, pointer: &str, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            pointer: format!("#{pointer}"),
            detail: detail.into(),
        });
        self
    }

    /// The kind without its prefix: `out-of-stock`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind.strip_prefix(PREFIX).unwrap_or(&self.kind)
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// 404: there is no such thing.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found").detail(detail)
    }

    /// 422: understood, but not acceptable.
    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Invalid request").detail(detail)
    }

    /// 500: our fault. The cause is logged here and never told.
    #[must_use]
    pub fn internal(cause: &(impl std::fmt::Display + ?Sized)) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error")
            .detail("Something went wrong on our side.")
    }

    /// 503: a part that this answer needs does not answer.
    #[must_use]
    pub fn unavailable(part: &str) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Temporarily unavailable",
        )
        .detail(format!("{part} does not answer right now. Please try again."))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), axum::Json(&self)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}
