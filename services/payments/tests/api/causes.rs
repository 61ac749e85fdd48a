//! Why a provider gave no answer is logged, once.

use std::time::Duration;

use payments::Timing;
use serde_json::json;
use testkit::{FaultyServer, Log, databases};
use uuid::Uuid;

use crate::stripe::settings;
use crate::{app_with_settings, payment_request};

/// The timeout is longer than that of one call.
const TIMING: Timing = Timing {
    timeout: Duration::from_secs(12),
    interval: Duration::from_mins(10),
};

#[tokio::test]
async fn unanswered_provider_is_logged_once_with_the_cause() {
    let database = databases().await.remove(0);
    let [refused, reset, closed, unknown, silent] = FaultyServer::all().await;
    for lost in [
        refused,
        reset,
        closed,
        unknown,
        silent,
        FaultyServer::without_tls().await,
    ] {
        let app = app_with_settings(&database, &settings(&lost.url), TIMING).await;
        let body = json!({ "provider": "stripe" });
        let method = app.post("/payment-methods", "unused", &body).await.1;
        let mut body = payment_request(Uuid::new_v4(), method["id"].as_str().expect("an id"));
        body["return_url"] = json!("http://shop.example/orders/1");
        let log = Log::listen();
        let (status, problem) = app.post("/payments", &Uuid::new_v4().to_string(), &body).await;
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
