//! Checks of API key, version and media type.

use axum::http::{StatusCode, header};
use secrecy::{ExposeSecret, SecretString};

use super::VERSION;
use super::call::Call;
use crate::error::ApiError;

const FORM: &str = "application/x-www-form-urlencoded";

pub fn check(call: &Call, key: &SecretString) -> Result<(), ApiError> {
    let bearer = call.header(header::AUTHORIZATION.as_str());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
    match bearer.map(str::trim) {
        None => Err(unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer \
             auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for \
             details, or we can help at https://support.stripe.com/.",
        )),
        Some(given) if given != key.expose_secret() => Err(unauthorized("Invalid API Key provided.")),
        Some(_) => version(call).and_then(|()| media_type(call)),
    }
}

fn unauthorized(message: &str) -> ApiError {
    ApiError::invalid(message).status(StatusCode::UNAUTHORIZED)
}

fn version(call: &Call) -> Result<(), ApiError> {
    match call.header("stripe-version") {
        None | Some(VERSION) => Ok(()),
        Some(other) => Err(ApiError::invalid(format!("Invalid Stripe API version: {other}"))),
    }
}

fn media_type(call: &Call) -> Result<(), ApiError> {
    let given = call.header(header::CONTENT_TYPE.as_str()).unwrap_or(FORM);
    let essence = given.split(';').next().unwrap_or_default().trim();
    if !call.is_post() || call.form.is_empty() || essence.eq_ignore_ascii_case(FORM) {
        return Ok(());
    }
    let message = format!(
        "Invalid request (check that your POST content type is {FORM}). If you have any questions, we can help at \
         https://support.stripe.com/."
    );
    Err(ApiError::invalid(message))
}
