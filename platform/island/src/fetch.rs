//! Requests to this site, with a timeout.
//!
//! They use the browser's `fetch` directly: an HTTP crate would double the bundle's size.

use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use crate::resolve;

/// Milliseconds to wait for a response.
const TIMEOUT: u32 = 10_000;

/// The body of a `POST` request.
pub struct Post<'a> {
    /// A JavaScript object, sent as JSON
    pub body: &'a JsValue,
    /// The `Idempotency-Key` header: requests with the same key take effect once
    pub idempotency_key: &'a str,
}

/// A response whose body is JSON.
pub struct JsonResponse {
    /// HTTP status code, for example 200
    pub status: u16,
    /// The parsed body
    pub body: JsValue,
}

impl JsonResponse {
    /// Returns whether the status is 2xx.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Sends a `GET` request, or a `POST` request with a body. Returns `None` if there is no response within ten seconds, or none
/// with a JSON body.
pub async fn fetch(path: &str, post: Option<Post<'_>>) -> Option<JsonResponse> {
    send(path, post).await.ok()
}

async fn send(path: &str, post: Option<Post<'_>>) -> Result<JsonResponse, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    let init = RequestInit::new();
    if let Some(Post { body, idempotency_key }) = post {
        headers.set("content-type", "application/json")?;
        headers.set("idempotency-key", idempotency_key)?;
        init.set_method("POST");
        init.set_body(&JSON::stringify(body)?.into());
    }
    init.set_headers(&headers);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT)));

    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response = resolve(window.fetch_with_str_and_init(path, &init)).await?;
    let response: Response = response.dyn_into()?;
    let body = resolve(response.json()?).await?;
    let status = response.status();
    Ok(JsonResponse { status, body })
}
