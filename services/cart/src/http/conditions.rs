//! Headers of conditional and repeatable requests: `If-Match`, `Idempotency-Key`, `ETag`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use service::{IdempotencyKey, Json, Problem};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use crate::domain::{Cart, ExpectedVersions, RequestKey};
use crate::error::if_match_malformed;

/// A cart and its `ETag`: the version in quotes.
pub struct CartWithEtag(pub Cart);

impl IntoResponse for CartWithEtag {
    fn into_response(self) -> Response {
        let tag = format!("\"{}\"", self.0.version);
        ([(header::ETAG, tag)], Json(self.0)).into_response()
    }
}

/// `If-Match` ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#name-if-match)): the versions that a change may be
/// applied to. Without the header, or with `*`, any version.
pub struct IfMatch(pub ExpectedVersions);

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let tag = r#"(W/)?"[^"\s,]*""#;
        let tags = ObjectBuilder::new().schema_type(Type::String);
        let tags = tags.pattern(Some(format!(r"^(\*|{tag}( ?, ?{tag})*)$")));
        let header = ParameterBuilder::new().name(header::IF_MATCH.as_str());
        let header = header.parameter_in(ParameterIn::Header).required(Required::False);
        let header = header.description(Some("The `ETag` of the cart that the change is meant for. If the cart has another version, the answer is 412 `version-mismatch`. Without it, any version is changed."));
        vec![header.schema(Some(tags)).build()]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let expected = parse(&parts.headers).ok_or_else(if_match_malformed)?;
        Ok(Self(expected))
    }
}

/// Reads the versions. `None` if the header is malformed. Weak tags and tags of another form match no version.
fn parse(headers: &HeaderMap) -> Option<ExpectedVersions> {
    if !headers.contains_key(header::IF_MATCH) {
        return Some(ExpectedVersions(None));
    }
    let values = headers.get_all(header::IF_MATCH).into_iter();
    let texts: Vec<&str> = values.map(HeaderValue::to_str).collect::<Result<_, _>>().ok()?;
    let tags: Vec<&str> = texts.iter().flat_map(|text| text.split(',')).map(str::trim).collect();
    if tags == ["*"] {
        return Some(ExpectedVersions(None));
    }
    let mut versions = Vec::new();
    for tag in tags {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        let opaque = opaque.strip_prefix('"')?.strip_suffix('"')?;
        versions.extend(opaque.parse::<u64>().ok().filter(|_| !tag.starts_with("W/")));
    }
    Some(ExpectedVersions(Some(versions)))
}

/// An `Idempotency-Key` header, which may be missing but not malformed.
pub struct OptionalKey(pub Option<RequestKey>);

impl IntoParams for OptionalKey {
    fn into_params(location: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = IdempotencyKey::into_params(location);
        for key in &mut parameters {
            key.required = Required::False;
            key.description = Some(
                "Adds the line once: a repeated request with the same key within an hour is answered with the current \
                cart. Send it with every request that may be repeated."
                    .to_owned(),
            );
        }
        parameters
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OptionalKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if !parts.headers.contains_key(IdempotencyKey::HEADER) {
            return Ok(Self(None));
        }
        let key = IdempotencyKey::from_request_parts(parts, state).await?;
        Ok(Self(Some(RequestKey::new(key.as_str()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_entity_tags() {
        let of = |text: &str| {
            let headers = [(header::IF_MATCH, HeaderValue::from_str(text).unwrap())];
            parse(&headers.into_iter().collect()).map(|ExpectedVersions(versions)| versions)
        };
        assert!(parse(&HeaderMap::new()).is_some_and(|ExpectedVersions(versions)| versions.is_none()));
        assert_eq!(of("*"), Some(None));
        assert_eq!(of("\"3\""), Some(Some(vec![3])));
        assert_eq!(of("\"3\", \"x\",W/\"4\" , \"5\""), Some(Some(vec![3, 5])));
        for wrong in ["", "3", "\"3", "\"", "*, \"3\"", "W/3", ","] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
