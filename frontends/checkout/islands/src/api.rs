//! The calls that the islands make, to this frontend's own BFF.
//!
//! Written with `fetch` itself: any HTTP crate would double the bundle.

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use crate::document::{count, field};

/// Where the BFF is.
pub const API: &str = "/checkout/api";

/// Gets what is at a path.
pub async fn get(path: &str) -> Result<JsValue, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let fetch = window.fetch_with_str(&[API, path].concat());
    let response: Response = JsFuture::from(fetch).await?.dyn_into()?;
    match response.ok() {
        true => JsFuture::from(response.json()?).await,
        false => Err(JsValue::NULL),
    }
}

/// How adding to the cart ended.
pub enum Outcome {
    /// The cart holds this many items in total.
    Added(u32),
    /// The BFF said no, and why, in words for the shopper.
    Refused(String),
    /// No answer, or one that makes no sense: let the browser try.
    Unreachable,
}

/// Puts `quantity` of `sku` into the cart.
pub async fn add_line(sku: &str, quantity: f64) -> Outcome {
    send(sku, quantity).await.unwrap_or(Outcome::Unreachable)
}

async fn send(sku: &str, quantity: f64) -> Result<Outcome, JsValue> {
    let line = Object::new();
    Reflect::set(&line, &"sku".into(), &sku.into())?;
    Reflect::set(&line, &"quantity".into(), &quantity.into())?;
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set("accept", "application/json")?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JSON::stringify(&line)?.into());

    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let fetch = window.fetch_with_str_and_init(&[API, "/cart/lines"].concat(), &init);
    let response: Response = JsFuture::from(fetch).await?.dyn_into()?;
    let body = JsFuture::from(response.json()?).await?;
    Ok(if response.ok() {
        count(&body, "quantity").map_or(Outcome::Unreachable, Outcome::Added)
    } else {
        refusal(&body).map_or(Outcome::Unreachable, Outcome::Refused)
    })
}

/// What a problem document (RFC 9457) says to a person.
fn refusal(problem: &JsValue) -> Option<String> {
    let detail = field(problem, "detail").as_string();
    detail.or_else(|| field(problem, "title").as_string())
}
