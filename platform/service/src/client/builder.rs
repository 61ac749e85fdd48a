//! The one place that makes HTTP clients.

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

/// Begins an HTTP client for what is inside of the shop. It goes there and nowhere else: `HTTP_PROXY` and the like are not
/// obeyed, which would lead each call out of the shop, and no redirect is followed.
#[expect(clippy::disallowed_methods, reason = "whoever needs a client begins here")]
pub fn http_client() -> ClientBuilder {
    Client::builder().no_proxy().redirect(Policy::none())
}
