//! Programs and HTTP clients that ignore the environment of the test run.

use std::process::Command;

/// Variables that name proxies, in upper or lower case.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

/// Creates an HTTP client that follows no redirect and uses no proxy.
///
/// # Panics
/// The client cannot be created.
#[must_use]
pub fn client() -> reqwest::Client {
    service::http_client().build().expect("a client")
}

/// Sends one `GET` request.
///
/// # Errors
/// There is no response.
pub async fn get(url: impl reqwest::IntoUrl) -> reqwest::Result<reqwest::Response> {
    client().get(url).send().await
}

/// Prepares a program without the settings and proxies of the environment.
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
