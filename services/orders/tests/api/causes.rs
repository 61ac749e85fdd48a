//! The log has the cause if a neighbour or a webhook does not answer.

use std::time::Duration;

use ::orders::{App, Config};
use serde_json::{Value, json};
use service::Part;
use testkit::{FaultyServer, Log, Running, databases};

use crate::neighbours::Neighbours;
use crate::{STEP_TIMEOUT, config, post, request};

/// The lines with this message.
fn lines(log: &Log, message: &str) -> Vec<Value> {
    let mut lines = log.errors();
    lines.retain(|line| line["message"] == message);
    lines
}

#[tokio::test]
async fn call_without_an_answer_is_logged_once_with_its_cause() {
    let (database, neighbours) = (databases().await.remove(0), Neighbours::start().await);
    let [refused, reset, .., silent] = FaultyServer::all().await;
    for lost in [refused, reset, silent] {
        let app = App::start(Config {
            inventory_url: lost.url.parse().expect("an address"),
            ..config(&database.url, &neighbours.url(), STEP_TIMEOUT)
        });
        let orders = Running::start(app.await.expect("orders start")).await;
        let log = Log::listen();
        assert_eq!(post(&orders, lost.cause, &request()).await.0, 503);
        let failed = lines(&log, "call failed");
        assert_eq!(failed.len(), 1, "{failed:#?}");
        let said = (&failed[0]["upstream"], &failed[0]["cause"]);
        assert_eq!(said, (&json!("inventory"), &json!(lost.cause)), "{}", failed[0]);
    }
}

#[tokio::test]
async fn webhook_without_an_answer_is_logged_with_its_cause() {
    let (database, neighbours) = (databases().await.remove(0), Neighbours::start().await);
    let app = App::start(Config {
        worker_ms: 20,
        ..config(&database.url, &neighbours.url(), STEP_TIMEOUT)
    });
    let orders = Running::start(app.await.expect("orders start")).await;
    for lost in [
        FaultyServer::refused(),
        FaultyServer::unknown_host(),
        FaultyServer::without_tls().await,
    ] {
        let input = json!({ "url": lost.url, "types": ["orders.order-completed.v1"] });
        let webhook = format!("/webhooks/{}", uuid::Uuid::new_v4());
        assert_eq!(orders.put(&webhook, &input).await.0, 200);
        let log = Log::listen();
        assert_eq!(post(&orders, lost.cause, &request()).await.0, 201);
        let found = async || loop {
            let lines = lines(&log, "an event was not delivered to a webhook");
            if let Some(line) = lines.iter().find(|line| line["cause"] == lost.cause) {
                return line.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let line = tokio::time::timeout(Duration::from_secs(20), found()).await;
        let line = line.expect("it is logged");
        assert!(line["webhook"].is_string() && line["event"].is_string(), "{line}");
    }
}
