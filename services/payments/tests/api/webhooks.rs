//! What the provider tells of its own accord.

use futures_util::future::join_all;
use payments::provider::Settings;
use reqwest::Method;
use ring::hmac;
use serde_json::{Value, json};
use storage::Db;
use testkit::{Database, databases};
use uuid::Uuid;

use crate::{PATIENT, Till, change, kind, method, refund, request, till_of, tills};

const EARLY_WEBHOOK: &str = "4000 0000 0000 0077";
const ANSWER_LOST: &str = "4000 0000 0000 0119";

/// A signature as Stripe and the built-in provider make it.
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
    storage::clock::now().timestamp()
}

async fn tell(till: &Till, body: &Value) -> u16 {
    let body = body.to_string();
    let signature = signature(&till.secret, now(), &body);
    tell_signed(till, body, &signature).await.0
}

async fn tell_signed(till: &Till, body: String, signature: &str) -> (u16, Value) {
    let request = till
        .outside
        .request(Method::POST, "/webhooks/test")
        .header("test-signature", signature);
    let response = request.body(body).send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

/// The provider's name for a payment.
async fn name(database: &Database, payment: &str) -> String {
    let db = Db::open(database.url.clone()).await.unwrap();
    let id: Uuid = payment.trim_start_matches("/payments/").parse().unwrap();
    let sql = "select authorisation from payments where id = $1";
    let row: (String,) = storage::fetch_one!(&db, sql, id).unwrap();
    row.0
}

/// How many webhooks and how many movements are written down.
async fn written(database: &Database) -> (i64, i64) {
    let db = Db::open(database.url.clone()).await.unwrap();
    let sql = "select (select count(*) from webhooks), (select count(*) from payment_movements)";
    storage::fetch_one!(&db, sql).unwrap()
}

fn event(id: &str, kind: &str, payment: &str) -> Value {
    json!({ "id": id, "type": kind, "payment": payment })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_told_five_times_has_one_effect() {
    for (till, database) in tills().await {
        let payment = crate::authorise(&till).await;
        let mut captured = event("evt_1", "payment.captured", &name(&database, &payment).await);
        captured["amount"] = json!(4000);
        let told = join_all((0..5).map(|_| tell(&till, &captured))).await;
        assert_eq!(told, [200; 5]);
        let (_, found) = till.get(&payment).await;
        assert_eq!(
            (&found["status"], &found["captured"]["minor"]),
            (&json!("captured"), &json!(4000))
        );
        assert_eq!(written(&database).await, (1, 2));
        // Another event about the same changes nothing either.
        captured["id"] = json!("evt_2");
        captured["amount"] = json!(4800);
        assert_eq!(tell(&till, &captured).await, 200);
        assert_eq!(till.get(&payment).await.1, found);
        assert_eq!(written(&database).await, (2, 2));

        // What has been heard under a name is not heard again, whatever it says now.
        let other = crate::authorise(&till).await;
        let name = name(&database, &other).await;
        for kind in ["payment.declined", "payment.voided"] {
            assert_eq!(tell(&till, &event("evt_3", kind, &name)).await, 200);
            assert_eq!(till.get(&other).await.1["status"], "authorised", "{kind}");
        }
    }
}

#[tokio::test]
async fn what_comes_late_leads_nowhere_back() {
    for (till, database) in tills().await {
        let payment = crate::authorise(&till).await;
        let name = name(&database, &payment).await;
        for (id, kind, status) in [
            ("evt_1", "payment.declined", "authorised"),
            ("evt_2", "payment.voided", "voided"),
            ("evt_3", "payment.authorised", "voided"),
            ("evt_4", "payment.captured", "voided"),
        ] {
            assert_eq!(tell(&till, &event(id, kind, &name)).await, 200);
            assert_eq!(till.get(&payment).await.1["status"], status, "{kind}");
        }
        assert_eq!(change(&till, &payment, "capture").await.0, 409);
    }
}

#[tokio::test]
async fn a_webhook_may_come_before_the_answer() {
    for (till, database) in tills().await {
        let wish = request(Uuid::new_v4(), &method(&till, EARLY_WEBHOOK).await);
        let (status, payment) = till.post("/payments", "key", &wish).await;
        assert_eq!((status.as_u16(), &payment["status"]), (201, &json!("authorised")));
        assert_eq!(written(&database).await, (1, 1));
    }
}

#[tokio::test]
async fn a_webhook_may_come_instead_of_the_answer() {
    for database in databases().await {
        // No worker would settle it.
        let till = till_of(&database, &Settings::test(), PATIENT).await;
        let wish = request(Uuid::new_v4(), &method(&till, ANSWER_LOST).await);
        assert_eq!(till.post("/payments", "key", &wish).await.0, 503);
        let order = wish["order"].as_str().unwrap();
        let (_, page) = till.get(&format!("/payments?order={order}")).await;
        let payment = format!("/payments/{}", page["items"][0]["id"].as_str().unwrap());
        let told = event("evt_1", "payment.authorised", &name(&database, &payment).await);
        assert_eq!(tell(&till, &told).await, 200);
        assert_eq!(till.get(&payment).await.1["status"], "authorised");
        assert_eq!(till.post("/payments", "key", &wish).await.0, 201);
    }
}

#[tokio::test]
async fn a_refund_is_not_given_twice_by_a_webhook() {
    for (till, database) in tills().await {
        let payment = crate::authorise(&till).await;
        change(&till, &payment, "capture").await;
        assert_eq!(refund(&till, &payment, "key", 800).await.0, 201);
        let id = payment.trim_start_matches("/payments/");
        for (event_id, kind, number) in [
            ("evt_1", "refund.done", 3),
            ("evt_2", "refund.refused", 3),
            ("evt_3", "refund.done", 4),
        ] {
            let mut told = event(event_id, kind, &name(&database, &payment).await);
            told["refund"] = json!(format!("{id}-{number}"));
            assert_eq!(tell(&till, &told).await, 200);
            assert_eq!(till.get(&payment).await.1["refunded"]["minor"], 800, "{kind}");
        }
    }
}

#[tokio::test]
async fn what_is_not_for_us_is_answered_and_ignored() {
    for (till, database) in tills().await {
        let payment = crate::authorise(&till).await;
        let name = name(&database, &payment).await;
        for stranger in [
            event("evt_1", "payment.voided", "test_good_of_another_shop"),
            event("evt_2", "payment.disputed", &name),
            event("evt_3", "refund.done", &name),
        ] {
            assert_eq!(tell(&till, &stranger).await, 200, "{stranger}");
        }
        assert_eq!(till.get(&payment).await.1["status"], "authorised");
        assert_eq!(written(&database).await.0, 0);
    }
}

#[tokio::test]
async fn who_cannot_sign_is_not_believed() {
    for (till, database) in tills().await {
        let payment = crate::authorise(&till).await;
        let body = event("evt_1", "payment.voided", &name(&database, &payment).await).to_string();
        let (good, old) = (
            signature(&till.secret, now(), &body),
            signature(&till.secret, now() - 301, &body),
        );
        let tampered = body.replace("evt_1", "evt_2");
        for (body, signature) in [
            (&body, &signature("whsec_other", now(), &body)),
            (&body, &old),
            (&body, &String::new()),
            (&tampered, &good),
        ] {
            let (status, problem) = tell_signed(&till, body.clone(), signature).await;
            assert_eq!(
                (status, kind(&problem)),
                (400, "urn:problem:webhook-rejected"),
                "{signature}"
            );
        }
        let unsigned = till
            .outside
            .request(Method::POST, "/webhooks/test")
            .body(body.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(unsigned.status(), 400);
        let nul = event("evt_\0", "payment.voided", &name(&database, &payment).await).to_string();
        for broken in ["{", "[]", "{}", "", &nul] {
            let signature = signature(&till.secret, now(), broken);
            assert_eq!(
                tell_signed(&till, broken.to_owned(), &signature).await.0,
                400,
                "{broken}"
            );
        }
        let other = till
            .outside
            .request(Method::POST, "/webhooks/stripe")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(other.status(), 404);
        assert_eq!(till.get(&payment).await.1["status"], "authorised");
        assert_eq!(written(&database).await.0, 0);
    }
}
