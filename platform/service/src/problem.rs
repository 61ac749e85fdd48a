//! Errors as problem documents: [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::log::causes;

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
    /// Seconds after which the same request is welcome again: the answer's `Retry-After`
    #[serde(skip)]
    retry_after: Option<NonZeroU32>,
    /// What else this kind of problem tells: extension members, of which a reader uses those that it knows
    #[serde(default, flatten)]
    #[schema(ignore)]
    pub extensions: Box<Map<String, Value>>,
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
            retry_after: None,
            extensions: Box::default(),
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

    /// Says after how many seconds the same request is welcome again
    /// ([`Retry-After`](https://www.rfc-editor.org/rfc/rfc9110#name-retry-after)).
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        self.retry_after = NonZeroU32::new(seconds);
        self
    }

    /// Adds an extension member: what a machine is to do about it, such as where to go on.
    #[must_use]
    pub fn extension(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extensions.insert(name.to_owned(), value.into());
        self
    }

    /// The kind without its prefix: `out-of-stock`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind.strip_prefix(PREFIX).unwrap_or(&self.kind)
    }

    /// Whether it is of this kind, which is one that the contract of the part that answered has an example of.
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        self.kind() == kind
    }

    /// Whether it is of one of these kinds.
    #[must_use]
    pub fn is_any(&self, kinds: &[&str]) -> bool {
        kinds.contains(&self.kind())
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

    /// 400: a query parameter is unknown, repeated or not valid.
    #[must_use]
    pub fn invalid_query(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid-query", "Invalid query").detail(detail)
    }

    /// 422: the `Idempotency-Key` was used before for another request.
    #[must_use]
    pub fn key_reused() -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "idempotency-key-reused", "Idempotency-Key reused")
            .detail("This Idempotency-Key was used for another request.")
    }

    /// 503: this part cannot do its work at the moment.
    #[must_use]
    pub fn not_ready(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "Not ready").detail(detail)
    }

    /// 429: so often is too often; the same request is welcome again after `wait`.
    #[must_use]
    pub fn too_many_requests(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests")
            .detail(format!("That was too often. Please try again in {}.", words(seconds)))
            .retry_after(seconds)
    }

    /// 503: there is more to do than can be done at the same time.
    #[must_use]
    pub fn overloaded(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "Overloaded")
            .detail(detail)
            .retry_after(1)
    }

    /// 500: our fault. The error is logged here, with its causes, and never told.
    #[must_use]
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = causes(error), "internal error");
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

/// What a parser says, or what begins with a part's name, as a sentence: `missing field` → `Missing field.`
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.trim_end_matches('.').chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['?', '!']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

/// A time for people: `20 minutes`. Never too short.
fn words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=119 => (seconds, "second"),
        120..=7_199 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3_600), "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
