//! Strangers reach webhooks and the test bank's page, and nothing else; and nobody takes for paid what is not.

use payments::provider::Settings;
use payments::{App, Config};
use reqwest::Method;
use serde_json::{Value, json};
use service::Part;
use testkit::databases;

use crate::{authorise, change, secret, tills};

#[tokio::test]
async fn strangers_reach_webhooks_and_the_banks_page_alone() {
    for (till, _database) in tills().await {
        let payment = authorise(&till).await;
        change(&till, &payment, "capture").await;
        let refund = format!("{payment}/refunds");
        for (method, path) in [
            (Method::POST, refund.as_str()),
            (Method::POST, "/payment-methods"),
            (Method::POST, "/payments"),
            (Method::GET, payment.as_str()),
            (Method::GET, "/payments"),
            (Method::GET, "/events"),
            (Method::GET, "/metrics"),
            (Method::GET, "/health/ready"),
            (Method::GET, "/openapi.json"),
            (Method::GET, "/webhooks/../payments"),
            (Method::POST, "//payments"),
        ] {
            let request = till.outside.request(method, path).header("idempotency-key", "key");
            let answer = request.json(&json!({})).send().await.expect("an answer");
            assert_eq!(answer.status(), 404, "{path}");
        }
        assert_eq!(till.get(&payment).await.1["refunded"]["minor"], 0);
        for path in ["/webhooks/test", "/test-bank/test_good_1"] {
            let (status, _) = till.post(path, "key", &Value::Null).await;
            assert_eq!(status, 404, "{path} is not inside");
        }
    }
}

fn config(database: &testkit::Database, providers: Settings) -> Config {
    Config {
        database_url: database.url.clone(),
        public_listen: "127.0.0.1:0".parse().expect("an address"),
        providers,
        provider_timeout_ms: 12_000,
        worker_ms: 20,
        events: ::events::Settings::default(),
    }
}

#[tokio::test]
async fn who_moves_the_money_must_be_said() {
    for database in databases().await {
        let settings = Settings {
            offered: Vec::new(),
            ..Settings::test()
        };
        let error = App::start(config(&database, settings))
            .await
            .expect_err("no provider")
            .to_string();
        assert!(
            error.starts_with("STOA_PAYMENT_PROVIDERS is missing") && !error.contains('\n'),
            "{error}"
        );
        let app = App::start(config(&database, Settings::test())).await.expect("payments");
        assert!(app.public_address().is_some_and(|address| address.port() != 0));
    }
}

/// Each shop has made its own, and keeps it.
#[tokio::test]
async fn the_banks_secret_is_no_constant() {
    let mut known = Vec::new();
    for database in databases().await {
        App::start(config(&database, Settings::test())).await.expect("payments");
        let first = secret(&database).await;
        App::start(config(&database, Settings::test())).await.expect("payments");
        assert_eq!(secret(&database).await, first);
        assert!(first.len() > 60 && !known.contains(&first));
        known.push(first);
    }
}
