//! Extractors whose rejections are problem documents.

use axum::extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path as ErrorPath, Segment, Track};

use crate::Problem;
use crate::problem::sentence;

/// A JSON body of a request or response. Unknown and repeated fields are refused; the problem names the field.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(not_json());
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|error| unreadable(&error))?;
        parse(&body).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let name = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let name = name.and_then(|name| name.split(|byte| *byte == b';').next());
    name.is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"application/json"))
}

/// Parses a body. Unknown and repeated fields are refused like invalid values; otherwise their content would be lost silently.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let (mut track, mut unknown) = (Track::new(), Vec::new());
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let parsed = serde_ignored::deserialize(tracked, |field| unknown.push(pointer_to(&field)));
    let parsed: T = parsed.map_err(|error| wrong(&error, &pointer(&track.path())))?;
    json.end().map_err(|error| wrong(&error, ""))?;
    if unknown.is_empty() {
        return Ok(parsed);
    }
    let problem = Problem::invalid("A field is not known.");
    Err(unknown
        .iter()
        .fold(problem, |problem, field| problem.field(field, "This is not a field.")))
}

/// An invalid value is 422, invalid JSON 400. The position in the text helps only in the second case.
fn wrong(error: &serde_json::Error, pointer: &str) -> Problem {
    let text = error.to_string();
    if !error.is_data() {
        return malformed(&sentence(&text), pointer);
    }
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    Problem::invalid("A field is not valid.").field(pointer, sentence(text))
}

pub(crate) fn not_json() -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "Unsupported media type")
        .detail("Send the body as application/json.")
}

pub(crate) fn malformed(detail: &str, pointer: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", "Malformed JSON")
        .detail(detail)
        .field(pointer, detail)
}

fn pointer(path: &ErrorPath) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => Some(format!("/{}", escaped(key))),
            Segment::Unknown => None,
        })
        .collect()
}

fn pointer_to(field: &serde_ignored::Path) -> String {
    use serde_ignored::Path::{Map, NewtypeStruct, NewtypeVariant, Root, Seq, Some};
    match field {
        Root => String::new(),
        Seq { parent, index } => format!("{}/{index}", pointer_to(parent)),
        Map { parent, key } => format!("{}/{}", pointer_to(parent), escaped(key)),
        Some { parent } | NewtypeStruct { parent } | NewtypeVariant { parent } => pointer_to(parent),
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unreadable(error: &BytesRejection) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Body too large"),
        status => Problem::new(status, "unreadable", "Unreadable body"),
    }
    .detail(sentence(&error.body_text()))
}

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The query string. A parameter that may be repeated is a `Vec`: `?sku=a&sku=b`.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        serde_html_form::from_str(query)
            .map(Self)
            .map_err(|error| Problem::invalid_query(sentence(&error.to_string())))
    }
}

/// Path parameters. If a value is not valid, there is no such resource: 404.
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
