//! Why there is no answer from the world outside.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use https::{Client, Settings};
use testkit::Lost;

#[tokio::test]
async fn every_cause_is_told_apart() {
    let client = Client::new(&Settings::default()).unwrap();
    let lost = [
        Lost::refused(),
        Lost::reset().await,
        Lost::closed().await,
        Lost::unknown(),
        Lost::plain().await,
    ];
    for lost in lost {
        let request = Request::get(&lost.url).body(Full::<Bytes>::default()).unwrap();
        let unanswered = client.send(request).await.unwrap_err();
        let cause = unanswered.cause().map(errors::Cause::as_str);
        let text = errors::chain(&unanswered).to_string();
        assert_eq!(cause, Some(lost.cause), "{text}");
        assert!(text.matches(": ").count() >= 1, "{text}");
    }
}
