//! Programs under test, and clients that ask them: whatever is set where the tests run.

use std::process::Command;

/// What proxies are named by, in capitals or not.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

/// A client that follows no redirect and asks no proxy.
///
/// # Panics
/// There is none.
#[must_use]
pub fn client() -> reqwest::Client {
    service::http_client().build().expect("a client")
}

/// Asks for what is at an address, once.
///
/// # Errors
/// There is no answer.
pub async fn get(url: impl reqwest::IntoUrl) -> reqwest::Result<reqwest::Response> {
    client().get(url).send().await
}

/// A program that hears of no setting but those that the test adds.
#[must_use]
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("STOA_") || PROXIES.contains(&text.to_uppercase().as_str()) {
            command.env_remove(&name);
        }
    }
    command
}
