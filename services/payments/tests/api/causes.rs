//! A provider that gives no answer: the log says why, once.

use std::time::Duration;

use payments::Timing;
use serde_json::json;
use testkit::{Log, Lost, databases};
use uuid::Uuid;

use crate::stripe::settings;
use crate::{request, till_of};

/// More than the provider gets for one call.
const TIMING: Timing = Timing {
    limit: Duration::from_secs(12),
    pause: Duration::from_mins(10),
};

#[tokio::test]
async fn unanswered_provider_is_logged_once_with_the_cause() {
    let database = databases().await.remove(0);
    let [refused, reset, closed, unknown, silent] = Lost::all().await;
    for lost in [refused, reset, closed, unknown, silent, Lost::plain().await] {
        let till = till_of(&database, &settings(&lost.url), TIMING).await;
        let wish = json!({ "provider": "stripe" });
        let method = till.post("/payment-methods", "unused", &wish).await.1;
        let mut wish = request(Uuid::new_v4(), method["id"].as_str().expect("an id"));
        wish["return_url"] = json!("http://shop.example/orders/1");
        let log = Log::listen();
        let (status, problem) = till.post("/payments", &Uuid::new_v4().to_string(), &wish).await;
        assert_eq!(status, 503, "{problem}");
        assert_eq!(
            problem["detail"],
            "The payment provider does not answer right now. Please try again."
        );
        let line = log.error();
        assert_eq!(
            (&line["message"], &line["cause"]),
            (&"call failed".into(), &lost.cause.into()),
            "{line}"
        );
        let error = line["error"].as_str().expect("a text");
        assert!(error.starts_with("the payment provider does not answer: "), "{line}");
    }
}
