//! A client of Stripe's REST API: form-encoded requests, JSON answers.

use std::str::FromStr;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::form;
use crate::provider::Unavailable;

/// The API version of the types in `shapes`.
const VERSION: &str = "2026-10-28.endive";
/// The timeout of one call. Several calls have to fit into the timeout of a movement.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer that is read.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// The URL of the API, without a path: `https://api.stripe.com`.
#[derive(Clone, Debug)]
pub struct ApiUrl(String);

impl FromStr for ApiUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim_end_matches('/');
        let uri: Result<Uri, _> = text.parse();
        let is_address = uri.is_ok_and(|uri| {
            let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
            let has_user = uri
                .authority()
                .is_some_and(|authority| authority.as_str().contains('@'));
            is_web && uri.host().is_some() && !has_user && uri.path() == "/"
        });
        is_address
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| format!("{text}: not an address such as https://api.stripe.com"))
    }
}

/// An error by which Stripe definitely refuses a request.
#[derive(Debug)]
pub struct ApiError {
    pub message: String,
    /// The parameter that is not valid, if Stripe names one
    pub param: Option<String>,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorDetails,
}

#[derive(Deserialize)]
struct ErrorDetails {
    #[serde(default)]
    message: String,
    #[serde(default)]
    param: Option<String>,
}

/// The client.
pub struct Api {
    http: https::Client,
    url: ApiUrl,
    authorization: HeaderValue,
    is_test: bool,
}

impl Api {
    pub fn new(http: https::Client, url: ApiUrl, key: &SecretString) -> Result<Self, String> {
        let key = key.expose_secret();
        let mut authorization = HeaderValue::try_from(format!("Bearer {key}"))
            .map_err(|_| "STOA_STRIPE_KEY is not a key such as sk_live_…".to_owned())?;
        authorization.set_sensitive(true);
        Ok(Self {
            http,
            url,
            authorization,
            is_test: key.contains("_test_"),
        })
    }

    /// Whether the key is one of Stripe's test mode.
    pub fn is_test(&self) -> bool {
        self.is_test
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Result<T, ApiError>, Unavailable> {
        self.call(Method::GET, path, None, String::new()).await
    }

    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        params: &Value,
    ) -> Result<Result<T, ApiError>, Unavailable> {
        let form = form::encode(params).map_err(Unavailable::new)?;
        self.call(Method::POST, path, Some(key), form).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        form: String,
    ) -> Result<Result<T, ApiError>, Unavailable> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url.0))
            .header(AUTHORIZATION, self.authorization.clone())
            .header("stripe-version", VERSION)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Full::from(form)).map_err(Unavailable::new)?;
        let exchange = async {
            let response = self.http.send(request).await.map_err(Unavailable::new)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), BODY_LIMIT)
                .collect()
                .await
                .map_err(Unavailable::new)?;
            Ok((status, body.to_bytes()))
        };
        let (status, body) = tokio::time::timeout(TIMEOUT, exchange)
            .await
            .map_err(|_| Unavailable::timed_out())??;
        if status.is_success() {
            return serde_json::from_slice(&body).map(Ok).map_err(Unavailable::new);
        }
        refused(status, &body).map(Err)
    }
}

/// Parses an error answer. Only some statuses are definite refusals: with any other, the request may have been carried out.
fn refused(status: StatusCode, body: &[u8]) -> Result<ApiError, Unavailable> {
    let parsed: Result<ErrorBody, _> = serde_json::from_slice(body);
    match (status.as_u16(), parsed) {
        (400 | 402 | 404, Ok(ErrorBody { error })) => Ok(ApiError {
            message: error.message,
            param: error.param,
        }),
        (_, parsed) => {
            let message = parsed.map(|body| body.error.message).unwrap_or_default();
            Err(Unavailable::new(format!("{status} {message}")))
        }
    }
}
