//! Webhooks of providers.

use futures_util::future::join_all;
use payments::provider::Settings;
use reqwest::Method;
use ring::hmac;
use serde_json::{Value, json};
use storage::Db;
use testkit::{Database, databases};
use uuid::Uuid;

use crate::{IDLE_WORKER, TestApp, app_with_settings, apps, change, create_method, kind, payment_request, refund};

const EARLY_WEBHOOK: &str = "4000 0000 0000 0077";
const ANSWER_LOST: &str = "4000 0000 0000 0119";

/// A signature by the scheme of Stripe and the test provider.
fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    let hex = tag
        .as_ref()
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("t={seconds},v1={hex}")
}

fn now() -> i64 {
    values::Clock::system().now().timestamp()
}

async fn send(app: &TestApp, body: &Value) -> u16 {
    let body = body.to_string();
    let signature = signature(&app.secret, now(), &body);
    send_signed(app, body, &signature).await.0
}

async fn send_signed(app: &TestApp, body: String, signature: &str) -> (u16, Value) {
    let request = app
        .public
        .request(Method::POST, "/webhooks/test")
        .header("test-signature", signature);
    let response = request.body(body).send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

/// The provider's id of a payment.
async fn provider_payment_id(database: &Database, payment: &str) -> String {
    let db = Db::open(database.url.clone()).await.unwrap();
    let id: Uuid = payment.trim_start_matches("/payments/").parse().unwrap();
    let sql = "select provider_payment_id from payments where id = $1";
    let row: (String,) = storage::fetch_one!(&db, sql, id).unwrap();
    row.0
}

/// The number of stored webhooks and movements.
async fn stored(database: &Database) -> (i64, i64) {
    let db = Db::open(database.url.clone()).await.unwrap();
    let sql = "select (select count(*) from webhooks), (select count(*) from payment_movements)";
    storage::fetch_one!(&db, sql).unwrap()
}

fn event(id: &str, kind: &str, payment: &str) -> Value {
    json!({ "id": id, "type": kind, "payment": payment })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn webhook_delivered_five_times_has_one_effect() {
    for (app, database) in apps().await {
        let payment = crate::authorise(&app).await;
        let mut captured = event(
            "evt_1",
            "payment.captured",
            &provider_payment_id(&database, &payment).await,
        );
        captured["amount"] = json!(4000);
        let webhook = join_all((0..5).map(|_| send(&app, &captured))).await;
        assert_eq!(webhook, [200; 5]);
        let (_, found) = app.get(&payment).await;
        assert_eq!(
            (&found["status"], &found["captured"]["minor"]),
            (&json!("captured"), &json!(4000))
        );
        assert_eq!(stored(&database).await, (1, 2));
        // Another event about the same capture changes nothing either.
        captured["id"] = json!("evt_2");
        captured["amount"] = json!(4800);
        assert_eq!(send(&app, &captured).await, 200);
        assert_eq!(app.get(&payment).await.1, found);
        assert_eq!(stored(&database).await, (2, 2));

        // An id that was received before has no effect, whatever its event contains.
        let other = crate::authorise(&app).await;
        let id = provider_payment_id(&database, &other).await;
        for kind in ["payment.declined", "payment.voided"] {
            assert_eq!(send(&app, &event("evt_3", kind, &id)).await, 200);
            assert_eq!(app.get(&other).await.1["status"], "authorised", "{kind}");
        }
    }
}

#[tokio::test]
async fn late_webhook_does_not_reverse_a_transition() {
    for (app, database) in apps().await {
        let payment = crate::authorise(&app).await;
        let id = provider_payment_id(&database, &payment).await;
        for (event_id, kind, status) in [
            ("evt_1", "payment.declined", "authorised"),
            ("evt_2", "payment.voided", "voided"),
            ("evt_3", "payment.authorised", "voided"),
            ("evt_4", "payment.captured", "voided"),
        ] {
            assert_eq!(send(&app, &event(event_id, kind, &id)).await, 200);
            assert_eq!(app.get(&payment).await.1["status"], status, "{kind}");
        }
        assert_eq!(change(&app, &payment, "capture").await.0, 409);
    }
}

#[tokio::test]
async fn webhook_may_arrive_before_the_answer() {
    for (app, database) in apps().await {
        let body = payment_request(Uuid::new_v4(), &create_method(&app, EARLY_WEBHOOK).await);
        let (status, payment) = app.post("/payments", "key", &body).await;
        assert_eq!((status.as_u16(), &payment["status"]), (201, &json!("authorised")));
        assert_eq!(stored(&database).await, (1, 1));
    }
}

#[tokio::test]
async fn webhook_may_arrive_instead_of_the_answer() {
    for database in databases().await {
        let app = app_with_settings(&database, &Settings::test(), IDLE_WORKER).await;
        let body = payment_request(Uuid::new_v4(), &create_method(&app, ANSWER_LOST).await);
        assert_eq!(app.post("/payments", "key", &body).await.0, 503);
        let order = body["order"].as_str().unwrap();
        let (_, page) = app.get(&format!("/payments?order={order}")).await;
        let payment = format!("/payments/{}", page["items"][0]["id"].as_str().unwrap());
        let webhook = event(
            "evt_1",
            "payment.authorised",
            &provider_payment_id(&database, &payment).await,
        );
        assert_eq!(send(&app, &webhook).await, 200);
        assert_eq!(app.get(&payment).await.1["status"], "authorised");
        assert_eq!(app.post("/payments", "key", &body).await.0, 201);
    }
}

#[tokio::test]
async fn webhook_does_not_repeat_a_refund() {
    for (app, database) in apps().await {
        let payment = crate::authorise(&app).await;
        change(&app, &payment, "capture").await;
        assert_eq!(refund(&app, &payment, "key", 800).await.0, 201);
        let id = payment.trim_start_matches("/payments/");
        for (event_id, kind, number) in [
            ("evt_1", "refund.done", 3),
            ("evt_2", "refund.refused", 3),
            ("evt_3", "refund.done", 4),
        ] {
            let mut webhook = event(event_id, kind, &provider_payment_id(&database, &payment).await);
            webhook["refund"] = json!(format!("{id}-{number}"));
            assert_eq!(send(&app, &webhook).await, 200);
            assert_eq!(app.get(&payment).await.1["refunded"]["minor"], 800, "{kind}");
        }
    }
}

#[tokio::test]
async fn unrelated_webhook_is_accepted_and_ignored() {
    for (app, database) in apps().await {
        let payment = crate::authorise(&app).await;
        let id = provider_payment_id(&database, &payment).await;
        for unrelated in [
            event("evt_1", "payment.voided", "test_good_of_another_shop"),
            event("evt_2", "payment.disputed", &id),
            event("evt_3", "refund.done", &id),
        ] {
            assert_eq!(send(&app, &unrelated).await, 200, "{unrelated}");
        }
        assert_eq!(app.get(&payment).await.1["status"], "authorised");
        assert_eq!(stored(&database).await.0, 0);
    }
}

#[tokio::test]
async fn webhook_without_a_valid_signature_is_rejected() {
    for (app, database) in apps().await {
        let payment = crate::authorise(&app).await;
        let body = event(
            "evt_1",
            "payment.voided",
            &provider_payment_id(&database, &payment).await,
        )
        .to_string();
        let (good, old) = (
            signature(&app.secret, now(), &body),
            signature(&app.secret, now() - 301, &body),
        );
        let tampered = body.replace("evt_1", "evt_2");
        for (body, signature) in [
            (&body, &signature("whsec_other", now(), &body)),
            (&body, &old),
            (&body, &String::new()),
            (&tampered, &good),
        ] {
            let (status, problem) = send_signed(&app, body.clone(), signature).await;
            assert_eq!(
                (status, kind(&problem)),
                (400, "urn:problem:webhook-rejected"),
                "{signature}"
            );
        }
        let unsigned = app
            .public
            .request(Method::POST, "/webhooks/test")
            .body(body.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(unsigned.status(), 400);
        let nul = event(
            "evt_\0",
            "payment.voided",
            &provider_payment_id(&database, &payment).await,
        )
        .to_string();
        for broken in ["{", "[]", "{}", "", &nul] {
            let signature = signature(&app.secret, now(), broken);
            assert_eq!(
                send_signed(&app, broken.to_owned(), &signature).await.0,
                400,
                "{broken}"
            );
        }
        let other = app
            .public
            .request(Method::POST, "/webhooks/stripe")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(other.status(), 404);
        assert_eq!(app.get(&payment).await.1["status"], "authorised");
        assert_eq!(stored(&database).await.0, 0);
    }
}
