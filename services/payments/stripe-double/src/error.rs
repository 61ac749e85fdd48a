//! Stripe's errors.

use axum::http::StatusCode;
use serde_json::{Value, json};
use service::causes;

/// A definite no, in Stripe's words.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub status: StatusCode,
    pub kind: &'static str,
    pub code: Option<&'static str>,
    pub param: Option<String>,
    pub message: String,
    /// Whether the work had begun: then the answer is kept for its idempotency key.
    pub has_begun: bool,
    /// Where it is not the caller's fault.
    pub source: Option<storage::Error>,
}

impl Refusal {
    /// `invalid_request_error` with 400.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code: None,
            param: None,
            message: message.into(),
            has_begun: false,
            source: None,
        }
    }

    /// Logs what is not the caller's fault. For whoever answers with it.
    pub fn tell(&self) {
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

    /// Said after the parameters were found to be right.
    pub fn begun(self) -> Self {
        Self {
            has_begun: true,
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

    /// What is named in the address is not there.
    pub fn no_such(kind: &str, id: &str) -> Self {
        Self::no_such_param(kind, id, "id").status(StatusCode::NOT_FOUND)
    }

    /// What is named in a parameter is not there.
    pub fn no_such_param(kind: &str, id: &str, param: &str) -> Self {
        let refusal = Self::invalid(format!("No such {kind}: '{id}'"));
        refusal.code("resource_missing").param(param)
    }

    /// There is nothing at this address.
    pub fn unrecognized(method: &str, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
             https://support.stripe.com/."
        );
        Self::invalid(message).status(StatusCode::NOT_FOUND)
    }

    /// As it is answered.
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

impl From<storage::Error> for Refusal {
    fn from(error: storage::Error) -> Self {
        Self {
            kind: "api_error",
            source: Some(error),
            ..Self::invalid("An unknown error occurred").status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
