//! The public listener, and the settings that payments requires.

use payments::provider::Settings;
use payments::{App, Config};
use reqwest::Method;
use serde_json::{Value, json};
use service::Part;
use testkit::databases;

use crate::{apps, authorise, change, secret};

#[tokio::test]
async fn public_listener_has_no_route_of_the_internal_api() {
    for (app, _database) in apps().await {
        let payment = authorise(&app).await;
        change(&app, &payment, "capture").await;
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
            let request = app.public.request(method, path).header("idempotency-key", "key");
            let answer = request.json(&json!({})).send().await.expect("an answer");
            assert_eq!(answer.status(), 404, "{path}");
        }
        assert_eq!(app.get(&payment).await.1["refunded"]["minor"], 0);
        for path in ["/webhooks/test", "/test-bank/test_good_1"] {
            let (status, _) = app.post(path, "key", &Value::Null).await;
            assert_eq!(status, 404, "{path} is not internal");
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
async fn payment_providers_have_to_be_configured() {
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

#[tokio::test]
async fn webhook_secret_of_the_test_provider_is_generated_and_kept() {
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
