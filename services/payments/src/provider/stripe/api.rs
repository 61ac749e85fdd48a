//! Calls of Stripe's REST API: forms in, JSON out.

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

/// The version of the API that the shapes are read from.
const VERSION: &str = "2026-10-28.endive";
/// Several calls have to fit into the time in which a movement is ours.
const TIMEOUT: Duration = Duration::from_secs(5);
/// More than any answer that makes sense.
const LIMIT: usize = 4 * 1024 * 1024;

/// An address without a path: `https://api.stripe.com`.
#[derive(Clone, Debug)]
pub struct Url(String);

impl FromStr for Url {
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

/// A definite no.
#[derive(Debug)]
pub struct No {
    pub message: String,
    /// The parameter that is to blame, where one is
    pub param: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    error: Problem,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    message: String,
    #[serde(default)]
    param: Option<String>,
}

/// The API.
pub struct Api {
    http: https::Client,
    url: Url,
    authorization: HeaderValue,
    is_test: bool,
}

impl Api {
    pub fn new(http: https::Client, url: Url, key: &SecretString) -> Result<Self, String> {
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

    /// Whether its key moves no money.
    pub fn is_test(&self) -> bool {
        self.is_test
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Result<T, No>, Unavailable> {
        self.call(Method::GET, path, None, String::new()).await
    }

    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        params: &Value,
    ) -> Result<Result<T, No>, Unavailable> {
        let form = form::encode(params).map_err(Unavailable::new)?;
        self.call(Method::POST, path, Some(key), form).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        form: String,
    ) -> Result<Result<T, No>, Unavailable> {
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
            let body = Limited::new(response.into_body(), LIMIT)
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

/// What Stripe says no to by a status that means it. Of any other nobody knows whether something has happened.
fn refused(status: StatusCode, body: &[u8]) -> Result<No, Unavailable> {
    let failure: Result<Failure, _> = serde_json::from_slice(body);
    match (status.as_u16(), failure) {
        (400 | 402 | 404, Ok(Failure { error })) => Ok(No {
            message: error.message,
            param: error.param,
        }),
        (_, failure) => {
            let message = failure.map(|failure| failure.error.message).unwrap_or_default();
            Err(Unavailable::new(format!("{status} {message}")))
        }
    }
}
