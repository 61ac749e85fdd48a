//! The only place that creates HTTP clients.

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

/// Prepares an HTTP client for other parts of the shop. It ignores `HTTP_PROXY` and similar variables, which would lead calls
/// out of the shop, and follows no redirect.
#[expect(clippy::disallowed_methods, reason = "the only place where clients are created")]
pub fn http_client() -> ClientBuilder {
    Client::builder().no_proxy().redirect(Policy::none())
}
