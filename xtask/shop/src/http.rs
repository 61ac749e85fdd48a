//! HTTP to the parts of a shop on this machine.

use reqwest::{Client, ClientBuilder};

/// Begins a client that asks no proxy, whatever the environment says.
#[expect(clippy::disallowed_methods, reason = "whoever needs a client begins here")]
pub fn client() -> ClientBuilder {
    Client::builder().no_proxy()
}
