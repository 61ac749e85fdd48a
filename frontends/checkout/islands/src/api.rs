//! The calls that the islands make, to this frontend's own BFF.

use island::{Answer, Message, ask, count, field};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// Where the BFF is.
pub const API: &str = "/checkout/api";

/// What is to be put into the cart: once under its key, however often it is sent.
pub struct Line {
    /// What is bought
    pub sku: String,
    /// How many of it
    pub quantity: f64,
    /// The intent, by the name that the form has for it
    pub key: String,
}

/// How adding to the cart ended.
pub enum Outcome {
    /// The cart holds this many items in total.
    Added(u32),
    /// It was put in before, under the same key, in another number.
    Known,
    /// The BFF said no, and why, in words for the shopper.
    Refused(String),
    /// No answer, or one that makes no sense: nobody knows.
    Unknown,
}

/// Puts a line into the cart.
pub async fn add_line(line: &Line) -> Outcome {
    let body = Object::new();
    let is_set = |name: &str, value: JsValue| Reflect::set(&body, &name.into(), &value).is_ok();
    if !(is_set("sku", (&*line.sku).into()) && is_set("quantity", line.quantity.into())) {
        return Outcome::Unknown;
    }
    let message = Message {
        body: &body,
        key: &line.key,
    };
    match ask(&[API, "/cart/lines"].concat(), Some(message)).await {
        Some(answer) if answer.is_ok() => count(&answer.body, "quantity").map_or(Outcome::Unknown, Outcome::Added),
        Some(Answer { status, body }) if status < 500 => refusal(&body),
        _ => Outcome::Unknown,
    }
}

/// How many items are in the cart, as a browser that has kept its cookie will hear.
pub async fn count_cart() -> Option<u32> {
    let answer = ask(&[API, "/cart/count"].concat(), None).await?;
    count(&answer.body, "quantity")
}

/// What a problem document (RFC 9457) says to a person.
fn refusal(problem: &JsValue) -> Outcome {
    let text = |name| field(problem, name).as_string();
    match text("detail").or_else(|| text("title")) {
        Some(_) if text("type").as_deref() == Some("urn:problem:idempotency-key-reused") => Outcome::Known,
        Some(reason) => Outcome::Refused(reason),
        None => Outcome::Unknown,
    }
}
