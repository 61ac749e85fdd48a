//! HTTP to the parts of a shop on this machine.

use reqwest::{Client, ClientBuilder};

/// Builds a client that ignores proxies in the environment.
#[expect(clippy::disallowed_methods, reason = "the one place that makes clients")]
pub fn client() -> ClientBuilder {
    Client::builder().no_proxy()
}
