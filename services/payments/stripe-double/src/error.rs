//! Stripe's errors.

use axum::http::StatusCode;
use serde_json::{Value, json};
use service::causes;

/// An error, with Stripe's own message.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    pub status: StatusCode,
    pub kind: &'static str,
    pub code: Option<&'static str>,
    pub param: Option<String>,
    pub message: String,
    /// Whether the response is stored for its idempotency key: it is, once the parameters are valid
    pub is_stored: bool,
    /// The cause of an internal error
    pub source: Option<storage::Error>,
}

impl ApiError {
    /// `invalid_request_error` with 400.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code: None,
            param: None,
            message: message.into(),
            is_stored: false,
            source: None,
        }
    }

    /// Logs an internal error. Called where the error is answered.
    pub fn log(&self) {
        if self.source.is_some() {
            tracing::error!(error = causes(self), "a call failed");
        }
    }

    pub fn code(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    pub fn param(self, param: impl Into<String>) -> Self {
        Self {
            param: Some(param.into()),
            ..self
        }
    }

    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// For errors after the parameters were validated.
    pub fn stored(self) -> Self {
        Self {
            is_stored: true,
            ..self
        }
    }

    /// `idempotency_error`.
    pub fn idempotency(message: String) -> Self {
        Self {
            kind: "idempotency_error",
            ..Self::invalid(message)
        }
    }

    /// The object in the path does not exist.
    pub fn no_such(kind: &str, id: &str) -> Self {
        Self::no_such_param(kind, id, "id").status(StatusCode::NOT_FOUND)
    }

    /// The object in a parameter does not exist.
    pub fn no_such_param(kind: &str, id: &str, param: &str) -> Self {
        let error = Self::invalid(format!("No such {kind}: '{id}'"));
        error.code("resource_missing").param(param)
    }

    pub fn unrecognized(method: &str, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
             https://support.stripe.com/."
        );
        Self::invalid(message).status(StatusCode::NOT_FOUND)
    }

    /// The body of the response.
    pub fn body(&self) -> Value {
        let mut error = json!({ "message": self.message, "type": self.kind });
        if let Some(code) = self.code {
            error["code"] = code.into();
            error["doc_url"] = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into();
        }
        if let Some(param) = &self.param {
            error["param"] = param.as_str().into();
        }
        json!({ "error": error })
    }
}

impl From<storage::Error> for ApiError {
    fn from(error: storage::Error) -> Self {
        Self {
            kind: "api_error",
            source: Some(error),
            ..Self::invalid("An unknown error occurred").status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
