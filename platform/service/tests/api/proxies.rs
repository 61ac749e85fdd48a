//! Proxies in the environment are ignored.

use std::process::Command;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::client;

/// Nothing listens there.
const PROXY: &str = "http://127.0.0.1:9";

/// Runs itself again in a process with a proxy in its environment.
#[tokio::test]
async fn call_between_parts_asks_no_proxy() {
    if std::env::var("HTTP_PROXY").is_ok_and(|proxy| proxy == PROXY) {
        let server = MockServer::start().await;
        let mock = Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(1));
        mock.mount(&server).await;
        let answer: u32 = client("other", &server.uri()).get(&["thing"]).send().await.unwrap();
        assert_eq!(answer, 1);
        return;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "proxies::call_between_parts_asks_no_proxy"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        again.env(name, PROXY);
    }
    again.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = again.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
