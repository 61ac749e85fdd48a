//! The Stripe provider against a stateful double of Stripe.

use std::time::Duration;

use payments::Timing;
use payments::provider::{Name, Settings};
use reqwest::Method;
use serde_json::{Value, json};
use storage::Db;
use testkit::wiremock::matchers::{method as is_method, path_regex};
use testkit::wiremock::{Mock, MockServer, ResponseTemplate};
use testkit::{Database, databases};
use uuid::Uuid;

use crate::localstripe::LocalStripe;
use crate::{GOOD, Till, capture, change, kind, method, pointer, refund, request, till_in_time, until};

/// Its bank takes this card and does not pay.
const DECLINED: &str = "4000 0000 0000 0341";
const CHALLENGED: &str = "4000 0025 0000 3155";
const SECRET: &str = "whsec_stoa";

const BUSY: Timing = Timing {
    limit: Duration::from_secs(12),
    pause: Duration::from_millis(50),
};

fn settings(url: &str) -> Settings {
    Settings {
        name: Some(Name::Stripe),
        stripe_url: url.parse().expect("an address"),
        stripe_key: Some("sk_test_stoa".to_owned().into()),
        stripe_webhook_secret: Some(SECRET.to_owned().into()),
        ..Settings::test()
    }
}

async fn till(database: &Database, url: &str) -> Till {
    till_in_time(database, settings(url).open("").expect("Stripe"), BUSY).await
}

/// Tills on every database, and the double that they share; none where there is no double.
async fn tills() -> Option<(LocalStripe, Vec<(Till, Database)>)> {
    let stripe = LocalStripe::start().await?;
    let mut tills = Vec::new();
    for database in databases().await {
        tills.push((till(&database, &stripe.url).await, database));
    }
    Some((stripe, tills))
}

/// The intent of a payment.
async fn intent(database: &Database, payment: &str) -> String {
    let db = Db::open(database.url.clone()).await.unwrap();
    let id: Uuid = payment.trim_start_matches("/payments/").parse().unwrap();
    let row: (String,) = storage::fetch_one!(&db, "select authorisation from payments where id = $1", id).unwrap();
    row.0
}

fn has_status(status: &'static str) -> impl Fn(&Value) -> bool {
    move |payment| payment["status"] == status
}

#[tokio::test]
async fn money_is_held_taken_in_part_and_given_back() {
    let Some((stripe, tills)) = tills().await else { return };
    for (till, database) in &tills {
        let payment = crate::authorise(till).await;
        let intent = format!("/v1/payment_intents/{}", intent(database, &payment).await);
        let held = stripe.ask(Method::GET, &intent, "").await;
        assert_eq!(
            (&held["status"], &held["amount"]),
            (&json!("requires_capture"), &json!(4800))
        );
        assert_eq!(
            format!("/payments/{}", held["metadata"]["payment"].as_str().unwrap()),
            payment
        );

        assert_eq!(capture(till, &payment, 4000).await.0, 200);
        assert_eq!(stripe.ask(Method::GET, &intent, "").await["status"], "succeeded");
        for key in ["first", "first", "second"] {
            let (status, given) = refund(till, &payment, key, 1500).await;
            assert_eq!((status, &given["status"]), (201, &json!("done")));
        }
        let (_, found) = till.get(&payment).await;
        assert_eq!(
            (&found["captured"]["minor"], &found["refunded"]["minor"]),
            (&json!(4000), &json!(3000))
        );
        let list = format!("/v1/refunds?payment_intent={}", intent.rsplit('/').next().unwrap());
        let refunds = stripe.ask(Method::GET, &list, "").await;
        let ours = refunds["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|refund| refund["metadata"]["reference"].is_string());
        assert_eq!(ours.count(), 2);

        let other = crate::authorise(till).await;
        assert_eq!(change(till, &other, "void").await.1["status"], "voided");
    }
}

#[tokio::test]
async fn a_bank_that_does_not_pay_declines() {
    let Some((_stripe, tills)) = tills().await else { return };
    for (till, _database) in &tills {
        let wish = request(Uuid::new_v4(), &method(till, DECLINED).await);
        for _ in 0..2 {
            let (status, problem) = till.post("/payments", "declined", &wish).await;
            assert_eq!((status.as_u16(), kind(&problem)), (402, "urn:problem:card-declined"));
        }
    }
}

/// The shopper answers in the browser, and the worker finds out: the double sends no webhook for that.
#[tokio::test]
async fn a_shopper_is_asked() {
    let Some((stripe, tills)) = tills().await else { return };
    for (till, database) in &tills {
        for (answer, status) in [("true", "authorised"), ("false", "declined")] {
            let wish = request(Uuid::new_v4(), &method(till, CHALLENGED).await);
            let (code, payment) = till.post("/payments", answer, &wish).await;
            assert_eq!((code.as_u16(), &payment["status"]), (201, &json!("requires_action")));
            let payment = format!("/payments/{}", payment["id"].as_str().unwrap());
            let intent = format!("/v1/payment_intents/{}", intent(database, &payment).await);
            let secret = stripe.ask(Method::GET, &intent, "").await["client_secret"].clone();
            let form = format!("success={answer}&client_secret={}", secret.as_str().unwrap());
            stripe
                .ask(Method::POST, &format!("{intent}/_authenticate"), &form)
                .await;
            until(till, &payment, has_status(status)).await;
        }
    }
}

/// Somebody captures in Stripe's dashboard: the webhook says so, in Stripe's own signature.
#[tokio::test]
async fn a_webhook_of_stripes_is_believed() {
    let Some((stripe, tills)) = tills().await else { return };
    for (number, (till, database)) in tills.iter().enumerate() {
        let payment = crate::authorise(till).await;
        let form = format!("url={}/webhooks/stripe&secret={SECRET}", till.outside.url);
        stripe
            .ask(Method::POST, &format!("/_config/webhooks/{number}"), &form)
            .await;
        let intent = format!("/v1/payment_intents/{}", intent(database, &payment).await);
        stripe.ask(Method::POST, &format!("{intent}/capture"), "").await;
        let found = until(till, &payment, has_status("captured")).await;
        assert_eq!(found["captured"]["minor"], 4800);
    }
}

/// The double knows no idempotency keys, so this would charge twice if the service asked twice.
#[tokio::test]
async fn what_was_done_at_stripe_is_found() {
    let Some((stripe, tills)) = tills().await else { return };
    for (till, database) in &tills {
        let payment = crate::authorise(till).await;
        let intent = format!("/v1/payment_intents/{}", intent(database, &payment).await);
        stripe.ask(Method::POST, &format!("{intent}/capture"), "").await;
        let (status, found) = change(till, &payment, "capture").await;
        assert_eq!((status, &found["captured"]["minor"]), (200, &json!(4800)));
    }
}

/// Answers that the double never gives.
#[tokio::test]
async fn errors_of_stripes_are_told_apart() {
    let server = MockServer::start().await;
    let database = databases().await.remove(0);
    let till = till(&database, &server.uri()).await;
    for (status, code, expected) in [
        (402, "incorrect_number", (422, "#/number")),
        (402, "invalid_expiry_year", (422, "#/expiry")),
        (402, "incorrect_cvc", (422, "#/cvc")),
        (402, "card_declined", (422, "#/number")),
        (400, "parameter_invalid", (503, "")),
        (401, "api_key_expired", (503, "")),
        (429, "rate_limit", (503, "")),
        (500, "api_error", (503, "")),
    ] {
        server.reset().await;
        let body = json!({ "error": { "type": "some_error", "code": code, "message": "no" } });
        let answer = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(is_method("POST"))
            .and(path_regex("^/v1/payment_methods$"))
            .respond_with(answer)
            .mount(&server)
            .await;
        let (status, problem) = till.post("/payment-methods", "unused", &crate::card(GOOD)).await;
        assert_eq!((status.as_u16(), pointer(&problem)), expected, "{code}");
        assert!(!problem.to_string().contains("4242"), "{problem}");
    }
}

#[test]
fn a_missing_key_is_said_at_the_start() {
    let without = |change: fn(&mut Settings)| {
        let mut settings = settings("https://api.stripe.com");
        change(&mut settings);
        settings.open("").err()
    };
    assert_eq!(without(|_| {}), None);
    let key = without(|settings| settings.stripe_key = None).expect("refused");
    assert!(key.contains("STOA_STRIPE_KEY"), "{key}");
    let secret = without(|settings| settings.stripe_webhook_secret = None).expect("refused");
    assert!(secret.contains("STOA_STRIPE_WEBHOOK_SECRET"), "{secret}");
    let shown = format!("{:?}", settings("https://api.stripe.com"));
    assert!(!shown.contains("sk_test") && !shown.contains(SECRET), "{shown}");
}

/// Stripe has done it, and its answer is lost: it is looked up by its name, and asked for once.
#[tokio::test]
async fn a_lost_answer_of_stripes_is_looked_up() {
    let server = MockServer::start().await;
    let answers = async |name, path, status, body: Value| {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(is_method(name))
            .and(path_regex(path))
            .respond_with(answer)
            .mount(&server)
            .await;
    };
    answers("POST", "^/v1/payment_methods$", 200, json!({ "id": "pm_1" })).await;
    answers(
        "POST",
        "^/v1/payment_intents$",
        200,
        json!({ "id": "pi_1", "status": "requires_confirmation" }),
    )
    .await;
    answers("POST", "^/v1/payment_intents/pi_1/confirm$", 500, json!({})).await;
    answers(
        "GET",
        "^/v1/payment_intents/pi_1$",
        200,
        json!({ "id": "pi_1", "status": "requires_capture" }),
    )
    .await;

    let database = databases().await.remove(0);
    let till = till(&database, &server.uri()).await;
    let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
    assert_eq!(till.post("/payments", "key", &wish).await.0, 503);
    assert_eq!(till.post("/payments", "key", &wish).await.0, 201);
    let received = server.received_requests().await.expect("they are kept");
    let confirmed: Vec<_> = received
        .iter()
        .filter(|request| request.url.path().ends_with("/confirm"))
        .collect();
    assert_eq!(confirmed.len(), 1);
    assert!(confirmed[0].headers.contains_key("idempotency-key"));
    assert_eq!(confirmed[0].headers["authorization"], "Bearer sk_test_stoa");
}
