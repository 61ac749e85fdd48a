//! Headers that say on which terms a cart is to be changed, and the one that says which version it is.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use service::{IdempotencyKey, Json, Problem};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use crate::domain::{Cart, Expected, Key};
use crate::error::if_match_malformed;

/// A cart with its `ETag`: the version of its lines, in quotes.
pub struct Tagged(pub Cart);

impl IntoResponse for Tagged {
    fn into_response(self) -> Response {
        let tag = format!("\"{}\"", self.0.version);
        ([(header::ETAG, tag)], Json(self.0)).into_response()
    }
}

/// `If-Match` ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#name-if-match)): the versions that the change is
/// meant for. None, or `*`: any.
pub struct IfMatch(pub Expected);

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let tag = r#"(W/)?"[^"\s,]*""#;
        let tags = ObjectBuilder::new().schema_type(Type::String);
        let tags = tags.pattern(Some(format!(r"^(\*|{tag}( ?, ?{tag})*)$")));
        let header = ParameterBuilder::new().name(header::IF_MATCH.as_str());
        let header = header.parameter_in(ParameterIn::Header).required(Required::False);
        let header = header.description(Some("The version it is meant for"));
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

/// The versions, if any are named. A tag that is not one of ours matches no version; a weak one none either.
fn parse(headers: &HeaderMap) -> Option<Expected> {
    if !headers.contains_key(header::IF_MATCH) {
        return Some(Expected(None));
    }
    let values = headers.get_all(header::IF_MATCH).into_iter();
    let texts: Vec<&str> = values.map(HeaderValue::to_str).collect::<Result<_, _>>().ok()?;
    let tags: Vec<&str> = texts.iter().flat_map(|text| text.split(',')).map(str::trim).collect();
    if tags == ["*"] {
        return Some(Expected(None));
    }
    let mut versions = Vec::new();
    for tag in tags {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        let opaque = opaque.strip_prefix('"')?.strip_suffix('"')?;
        versions.extend(opaque.parse::<u64>().ok().filter(|_| !tag.starts_with("W/")));
    }
    Some(Expected(Some(versions)))
}

/// An `Idempotency-Key`, which may be missing, but not malformed.
pub struct MaybeKey(pub Option<Key>);

impl IntoParams for MaybeKey {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = IdempotencyKey::into_params(place);
        for key in &mut parameters {
            key.required = Required::False;
            key.description = Some(
                "The same thing under the same key is put in once: sent again within the hour, it is answered with the \
                cart as it is then"
                    .to_owned(),
            );
        }
        parameters
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MaybeKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if !parts.headers.contains_key(IdempotencyKey::HEADER) {
            return Ok(Self(None));
        }
        let key = IdempotencyKey::from_request_parts(parts, state).await?;
        Ok(Self(Some(Key::new(key.as_str()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_tags() {
        let of = |text: &str| {
            let headers = [(header::IF_MATCH, HeaderValue::from_str(text).unwrap())];
            parse(&headers.into_iter().collect()).map(|Expected(versions)| versions)
        };
        assert!(parse(&HeaderMap::new()).is_some_and(|Expected(versions)| versions.is_none()));
        assert_eq!(of("*"), Some(None));
        assert_eq!(of("\"3\""), Some(Some(vec![3])));
        assert_eq!(of("\"3\", \"x\",W/\"4\" , \"5\""), Some(Some(vec![3, 5])));
        for wrong in ["", "3", "\"3", "\"", "*, \"3\"", "W/3", ","] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
