//! HTTP handlers, with one file for each resource.

pub mod movements;
pub mod payment_methods;
pub mod payment_options;
pub mod payments;
pub mod refunds;
pub mod returns;
pub mod test_bank;
pub mod webhooks;

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use service::{Json, Problem};

/// A JSON body that may be omitted.
#[derive(Clone, Copy, Debug)]
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(Self(T::default()));
        }
        let Json(body) = Json::<Option<T>>::from_request(request, state).await?;
        Ok(Self(body.unwrap_or_default()))
    }
}
