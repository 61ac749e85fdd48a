//! The `Idempotency-Key` header
//! ([draft](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)).

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use crate::Problem;

/// The value of `Idempotency-Key`: 1 to 128 visible ASCII characters. Repeating a request with its key has no further effect
/// and returns the same response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The header's name.
    pub const HEADER: &'static str = "idempotency-key";

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(value: &str) -> Option<Self> {
        let fits = (1..=128).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(value.to_owned()))
    }
}

/// Documents the header: `params(IdempotencyKey)`.
impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text.min_length(Some(1)).max_length(Some(128)).pattern(Some("^[!-~]+$"));
        let header = ParameterBuilder::new().name(Self::HEADER);
        let header = header.parameter_in(ParameterIn::Header).required(Required::True);
        let header = header.description(Some(
            "Unique key of the request, for example a UUID: 1 to 128 visible ASCII characters. A request that is repeated with \
             its key has no further effect, and gets the same response",
        ));
        vec![header.schema(Some(text)).build()]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts
            .headers
            .get(Self::HEADER)
            .and_then(|value| value.to_str().ok())
            .and_then(Self::parse)
            .ok_or_else(missing)
    }
}

pub(crate) fn missing() -> Problem {
    let title = "Idempotency-Key missing or malformed";
    Problem::new(StatusCode::BAD_REQUEST, "idempotency-key", title)
        .detail("Send an Idempotency-Key header of 1 to 128 visible ASCII characters.")
}
