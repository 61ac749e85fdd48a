//! The islands' calls to this frontend's BFF.

use island::{JsonResponse, Post, count, fetch, field};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// The path of the BFF.
pub const API: &str = "/checkout/api";

/// A request to add an item to the cart. Requests with the same key add it once.
pub struct AddLine {
    /// SKU
    pub sku: String,
    /// Quantity
    pub quantity: f64,
    /// Idempotency key of the form
    pub key: String,
}

/// The result of adding an item to the cart.
pub enum AddResult {
    /// The cart holds this many items in total.
    Added(u32),
    /// The same key has already added the item, with another quantity.
    AlreadyAdded,
    /// The BFF rejected the request, with a reason for the shopper.
    Rejected(String),
    /// No valid answer: it is unknown whether the item was added.
    Unknown,
}

/// Adds an item to the cart.
pub async fn add_line(line: &AddLine) -> AddResult {
    let body = Object::new();
    let is_set = |name: &str, value: JsValue| Reflect::set(&body, &name.into(), &value).is_ok();
    if !(is_set("sku", (&*line.sku).into()) && is_set("quantity", line.quantity.into())) {
        return AddResult::Unknown;
    }
    let message = Post {
        body: &body,
        idempotency_key: &line.key,
    };
    match fetch(&[API, "/cart/lines"].concat(), Some(message)).await {
        Some(answer) if answer.is_ok() => count(&answer.body, "quantity").map_or(AddResult::Unknown, AddResult::Added),
        Some(JsonResponse { status, body }) if status < 500 => rejection(&body),
        _ => AddResult::Unknown,
    }
}

/// The number of items in the cart; 0 if the browser has not stored the cookie.
pub async fn count_cart() -> Option<u32> {
    let answer = fetch(&[API, "/cart/count"].concat(), None).await?;
    count(&answer.body, "quantity")
}

/// The result for a problem document (RFC 9457).
fn rejection(problem: &JsValue) -> AddResult {
    let text = |name| field(problem, name).as_string();
    match text("detail").or_else(|| text("title")) {
        Some(_) if text("type").as_deref() == Some("urn:problem:idempotency-key-reused") => AddResult::AlreadyAdded,
        Some(reason) => AddResult::Rejected(reason),
        None => AddResult::Unknown,
    }
}
