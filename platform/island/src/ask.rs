//! Calls to this site's own address, which end: with an answer, or without one.
//!
//! Written with `fetch` itself: any HTTP crate would double the bundle.

use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, RequestInit, Response};

use crate::settled;

/// Milliseconds that an answer is waited for.
const PATIENCE: u32 = 10_000;

/// What is to be done.
pub struct Message<'a> {
    /// What to do, as an object
    pub body: &'a JsValue,
    /// The name of the intent: sent again under it, it is done once
    pub key: &'a str,
}

/// What was answered: JSON.
pub struct Answer {
    /// The status, such as 200
    pub status: u16,
    /// What it says
    pub body: JsValue,
}

impl Answer {
    /// Whether it was done.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Gets what is at a path, or posts a message there. None where no answer came, or none that can be read.
pub async fn ask(path: &str, message: Option<Message<'_>>) -> Option<Answer> {
    send(path, message).await.ok()
}

async fn send(path: &str, message: Option<Message<'_>>) -> Result<Answer, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    let init = RequestInit::new();
    if let Some(Message { body, key }) = message {
        headers.set("content-type", "application/json")?;
        headers.set("idempotency-key", key)?;
        init.set_method("POST");
        init.set_body(&JSON::stringify(body)?.into());
    }
    init.set_headers(&headers);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));

    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response = settled(window.fetch_with_str_and_init(path, &init)).await?;
    let response: Response = response.dyn_into()?;
    let body = settled(response.json()?).await?;
    let status = response.status();
    Ok(Answer { status, body })
}
