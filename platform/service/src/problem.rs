//! Errors as problem documents ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use values::Violation;

use crate::log::causes;

/// A problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). Its `type` is stable; its texts may change.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema, thiserror::Error)]
#[error("{status} {title}: {detail}")]
pub struct Problem {
    /// Identifies the kind of problem: `urn:problem:<kind>`
    #[serde(rename = "type")]
    kind: Cow<'static, str>,
    /// Short summary of the kind of problem
    pub title: Cow<'static, str>,
    /// HTTP status code
    pub status: u16,
    /// What is wrong with this request, for people
    #[serde(default)]
    pub detail: String,
    /// The invalid fields, if there are any
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before the request is repeated: the header `Retry-After`
    #[serde(skip)]
    retry_after: Option<NonZeroU32>,
    /// Extension members of this kind of problem; readers ignore those that they do not know
    #[serde(default, flatten)]
    #[schema(ignore)]
    pub extensions: Box<Map<String, Value>>,
}

/// An invalid field of a request.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field as a JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) in URI fragment form:
    /// `#/lines/0/quantity`
    pub pointer: String,
    /// What is wrong with the field, for people
    pub detail: String,
}

const PREFIX: &str = "urn:problem:";

impl Problem {
    /// Creates a problem of a kind (`out-of-stock`) with a title (`Sold out`).
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, title: &'static str) -> Self {
        Self {
            kind: format!("{PREFIX}{kind}").into(),
            title: title.into(),
            status: status.as_u16(),
            detail: String::new(),
            errors: Vec::new(),
            retry_after: None,
            extensions: Box::default(),
        }
    }

    /// Sets what is wrong with this request: a sentence for people.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds an invalid field. `pointer` is a JSON pointer without the `#`: `/lines/0/quantity`.
    #[must_use]
    pub fn field(mut self, pointer: &str, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            pointer: format!("#{pointer}"),
            detail: detail.into(),
        });
        self
    }

    /// Adds fields that break a rule.
    #[must_use]
    pub fn violations(self, violations: impl IntoIterator<Item = Violation>) -> Self {
        let add = |problem: Self, Violation { pointer, detail }| problem.field(&pointer, detail);
        violations.into_iter().fold(self, add)
    }

    /// Sets the seconds to wait before the request is repeated
    /// ([`Retry-After`](https://www.rfc-editor.org/rfc/rfc9110#name-retry-after)).
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        self.retry_after = NonZeroU32::new(seconds);
        self
    }

    /// Adds an extension member with data for programs, for example a URL to continue at.
    #[must_use]
    pub fn extension(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extensions.insert(name.to_owned(), value.into());
        self
    }

    /// The kind without its prefix, for example `out-of-stock`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind.strip_prefix(PREFIX).unwrap_or(&self.kind)
    }

    /// Returns whether it is of this kind. Rely only on kinds that the contract of the other part documents.
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        self.kind() == kind
    }

    /// Returns whether it is of one of these kinds.
    #[must_use]
    pub fn is_any(&self, kinds: &[&str]) -> bool {
        kinds.contains(&self.kind())
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// 404 `not-found`: the resource does not exist.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found").detail(detail)
    }

    /// 422 `invalid`: the request is understood, but its content is not acceptable.
    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Invalid request").detail(detail)
    }

    /// 400 `invalid-query`: a query parameter is unknown, repeated or not valid.
    #[must_use]
    pub fn invalid_query(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid-query", "Invalid query").detail(detail)
    }

    /// 422 `idempotency-key-reused`: the `Idempotency-Key` was used before for another request.
    #[must_use]
    pub fn key_reused() -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "idempotency-key-reused", "Idempotency-Key reused")
            .detail("This Idempotency-Key was used for another request.")
    }

    /// 503 `not-ready`: this part cannot work at the moment.
    #[must_use]
    pub fn not_ready(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "Not ready").detail(detail)
    }

    /// 429 `too-many-requests`: the rate limit is exceeded; `wait` is the time until the next request is allowed.
    #[must_use]
    pub fn too_many_requests(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests")
            .detail(format!("That was too often. Please try again in {}.", words(seconds)))
            .retry_after(seconds)
    }

    /// 503 `overloaded`: this part has more requests than it can answer.
    #[must_use]
    pub fn overloaded(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "Overloaded")
            .detail(detail)
            .retry_after(1)
    }

    /// 500 `internal`. The error is logged here with its causes; the response does not reveal it.
    #[must_use]
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = causes(error), "internal error");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error")
            .detail("Something went wrong on our side.")
    }

    /// 503 `unavailable`: another part that is needed for the response does not answer.
    #[must_use]
    pub fn unavailable(part: &str) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Temporarily unavailable",
        )
        .detail(sentence(&format!(
            "{part} does not answer right now. Please try again."
        )))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.get().into());
        }
        response
    }
}

/// Makes a sentence of a parser's message, or of a text that begins with a part's name: `missing field` → `Missing field.`
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.trim_end_matches('.').chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['?', '!']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

/// A duration for people, rounded up: `20 minutes`.
fn words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=119 => (seconds, "second"),
        120..=7_199 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3_600), "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
