//! Extractors whose rejections are problem documents that name the field.

use axum::extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path as ErrorPath, Segment};

use crate::Problem;

/// A JSON body, in and out.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| is_json(value.as_bytes()));
        if !is_json {
            return Err(
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "Unsupported media type")
                    .detail("Send the body as application/json."),
            );
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|error| unreadable(&error))?;
        parse(&body).map(Self)
    }
}

/// Whatever parameters stand behind it.
fn is_json(content_type: &[u8]) -> bool {
    let name = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// First to a value, so that a field's error does not carry a line and column that nobody can use.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let value: serde_json::Value = serde_json::from_slice(body).map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, "malformed", "Malformed JSON").detail(error.to_string())
    })?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let detail = error.inner().to_string();
        Problem::invalid("A field is not valid.").field(&pointer(error.path()), detail)
    })
}

fn pointer(path: &ErrorPath) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                Some(format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Unknown => None,
        })
        .collect()
}

fn unreadable(error: &BytesRejection) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Body too large"),
        status => Problem::new(status, "unreadable", "Unreadable body"),
    }
    .detail(error.body_text())
}

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The query string.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|error| {
                Problem::new(StatusCode::BAD_REQUEST, "invalid-query", "Invalid query").detail(error.body_text())
            })
    }
}

/// Path parameters. A value that cannot be is a thing that does not exist: 404.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(path)| Self(path))
            .map_err(|_| Problem::not_found("There is nothing at this address."))
    }
}
