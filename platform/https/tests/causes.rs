//! Causes of missing responses.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use https::{Client, Settings};
use testkit::FaultyServer;

#[tokio::test]
async fn failed_request_has_its_cause() {
    let client = Client::new(&Settings::default()).unwrap();
    let server = [
        FaultyServer::refused(),
        FaultyServer::reset().await,
        FaultyServer::closed().await,
        FaultyServer::unknown_host(),
        FaultyServer::without_tls().await,
    ];
    for server in server {
        let request = Request::get(&server.url).body(Full::<Bytes>::default()).unwrap();
        let unanswered = client.send(request).await.unwrap_err();
        let cause = unanswered.cause().map(errors::Cause::as_str);
        let text = errors::chain(&unanswered).to_string();
        assert_eq!(cause, Some(server.cause), "{text}");
        assert!(text.matches(": ").count() >= 1, "{text}");
    }
}
