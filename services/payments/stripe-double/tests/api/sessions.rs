//! Checkout sessions.

use reqwest::Method;
use serde_json::json;

use crate::{DECLINED, Double, SESSION_FORM, error, id};

const SESSIONS: &str = "/v1/checkout/sessions";

#[tokio::test]
async fn session_is_created_and_can_be_retrieved() {
    let double = Double::start().await;
    let created = double.create(SESSIONS, SESSION_FORM).await;
    let id = id(&created);
    assert!(id.starts_with("cs_test_"), "{id}");
    assert_eq!(created["url"], format!("{}/c/pay/{id}", double.url));
    for (name, value) in [
        ("object", json!("checkout.session")),
        ("status", json!("open")),
        ("payment_status", json!("unpaid")),
        ("payment_intent", json!(null)),
        ("amount_total", json!(5290)),
        ("currency", json!("eur")),
        ("client_reference_id", json!("order-1")),
        ("metadata", json!({ "order": "1" })),
        ("mode", json!("payment")),
        ("livemode", json!(false)),
        ("expires_at", json!(created["created"].as_i64().unwrap() + 86_400)),
    ] {
        assert_eq!(created[name], value, "{name}");
    }
    assert_eq!(double.find(&format!("{SESSIONS}/{id}")).await, created);
    let several = SESSION_FORM.replace("[quantity]=1", "[quantity]=3");
    assert_eq!(double.create(SESSIONS, &several).await["amount_total"], 15_870);
}

#[tokio::test]
async fn parameters_that_stripe_rejects_are_rejected() {
    let double = Double::start().await;
    let now = values::Clock::system().now().timestamp();
    let price = "line_items[0][price_data]";
    let with = |more: &str| format!("{SESSION_FORM}&{more}");
    let without = |name: &str| {
        let parts: Vec<_> = SESSION_FORM.split('&').filter(|part| !part.starts_with(name)).collect();
        parts.join("&")
    };
    let instead = |from: &str, to: &str| {
        let text = SESSION_FORM.replacen(from, to, 1);
        assert_ne!(text, SESSION_FORM);
        text
    };
    let keys: Vec<_> = (0..51).map(|key| format!("metadata[k{key}]=v")).collect();
    for (form, code, param) in [
        (with("customer=cus_1"), "parameter_unknown", "customer"),
        (
            with("line_items[0][price_data][tax]=1"),
            "parameter_unknown",
            "line_items[0][price_data][tax]",
        ),
        (without("mode"), "parameter_missing", "mode"),
        (without("line_items"), "parameter_missing", "line_items"),
        (without("success_url"), "parameter_missing", "success_url"),
        (
            without("line_items[0][quantity]"),
            "parameter_missing",
            "line_items[0][quantity]",
        ),
        (instead("mode=payment", "mode=subscription"), "", "mode"),
        (
            instead("=5290", "=52.90"),
            "parameter_invalid_integer",
            &format!("{price}[unit_amount]"),
        ),
        (
            instead("=5290", "=-1"),
            "parameter_invalid_integer",
            &format!("{price}[unit_amount]"),
        ),
        (instead("=5290", "=49"), "amount_too_small", ""),
        (instead("=5290", "=100000000"), "amount_too_large", ""),
        (instead("=5290", "=9223372036854775807"), "amount_too_large", ""),
        (instead("=eur", "=xxx"), "", &format!("{price}[currency]")),
        (
            instead("=eur", "=jod").replace("5290", "5291"),
            "parameter_invalid_integer",
            &format!("{price}[unit_amount]"),
        ),
        (instead("=eur", "=EUR"), "", &format!("{price}[currency]")),
        (
            with(
                "line_items[1][price_data][currency]=usd&line_items[1][price_data][unit_amount]=100\
                &line_items[1][price_data][product_data][name]=x&line_items[1][quantity]=1",
            ),
            "",
            "line_items[1][price_data][currency]",
        ),
        (with("submit_type=subscribe"), "", "submit_type"),
        (with("locale=xx"), "", "locale"),
        (with(&format!("expires_at={}", now + 1_700)), "", "expires_at"),
        (with(&format!("expires_at={}", now + 86_500)), "", "expires_at"),
        (with("customer_email=nobody"), "email_invalid", "customer_email"),
        (with("customer_email="), "parameter_invalid_empty", "customer_email"),
        (
            instead("http%3A%2F%2Fshop.test%2Fback", "ftp%3A%2F%2Fx"),
            "url_invalid",
            "cancel_url",
        ),
        (
            instead("http%3A%2F%2Fshop.test%2Fback", "%2Fback"),
            "url_invalid",
            "cancel_url",
        ),
        (
            with("payment_intent_data[capture_method]=never"),
            "",
            "payment_intent_data[capture_method]",
        ),
        (with(&keys.join("&")), "", "metadata"),
        (with(&format!("metadata[{}]=v", "k".repeat(41))), "", "metadata"),
        (with(&format!("metadata[k]={}", "v".repeat(501))), "", "metadata"),
        (
            with(&format!("client_reference_id={}", "x".repeat(201))),
            "",
            "client_reference_id",
        ),
        (with("expand[]=customer"), "", "expand"),
    ] {
        assert_eq!(double.refused(SESSIONS, &form).await, error(400, code, param), "{form}");
    }
    let (_, charges) = double.get("/double/charges").await;
    assert_eq!(charges, json!([]));
}

#[tokio::test]
async fn open_session_can_be_expired() {
    let double = Double::start().await;
    let session = double.session().await;
    double.fill_in(&session, DECLINED).await;
    let path = format!("{SESSIONS}/{session}");
    let expired = double.create(&format!("{path}/expire"), "").await;
    assert_eq!((&expired["status"], &expired["url"]), (&json!("expired"), &json!(null)));
    assert_eq!(double.refused(&format!("{path}/expire"), "").await, error(400, "", ""));
    let (_, charges) = double.get("/double/charges").await;
    assert_eq!(charges[0]["status"], "canceled");
    let (_, sessions) = double.get("/double/sessions").await;
    let listed = json!({
        "id": session, "status": "expired", "payment_intent": charges[0]["id"], "metadata": { "order": "1" }
    });
    assert_eq!(sessions, json!([listed]));
    let events = double.events().await;
    assert_eq!(events[2..], ["payment_intent.canceled", "checkout.session.expired"]);
    let page = double.page(&format!("/c/pay/{session}")).await;
    assert!(page.0 == 410 && page.1.contains("expired") && page.1.contains("http://shop.test/back"));
}

#[tokio::test]
async fn session_expires_when_its_time_has_passed() {
    let double = Double::start().await;
    let session = double.session().await;
    let db = double.db().await;
    let mut tx = db.begin().await.unwrap();
    storage::execute!(&mut tx, "update sessions set expires_at = 1").unwrap();
    tx.commit().await.unwrap();
    let path = format!("{SESSIONS}/{session}");
    double.until(&path, |session| session["status"] == "expired").await;
    assert_eq!(double.events().await, ["checkout.session.expired"]);
}

#[tokio::test]
async fn control_api_expires_a_session() {
    let double = Double::start().await;
    let session = double.session().await;
    let lapse = format!("/double/sessions/{session}/lapse");
    let (status, expired) = double.post(&lapse, "unused", &json!(null)).await;
    assert_eq!((status.as_u16(), &expired["status"]), (200, &json!("expired")));
    assert_eq!(double.post(&lapse, "unused", &json!(null)).await.0, 409);
    assert_eq!(double.fill_in(&session, crate::GOOD).await.status(), 410);
}

#[tokio::test]
async fn intent_of_a_session_can_be_expanded() {
    let double = Double::start().await;
    let session = double.session().await;
    let path = format!("{SESSIONS}/{session}?expand[]=payment_intent");
    assert_eq!(double.find(&path).await["payment_intent"], json!(null));
    double.fill_in(&session, crate::GOOD).await;
    let found = double.find(&path).await;
    let intent = &found["payment_intent"];
    assert_eq!(
        (&intent["object"], &intent["status"]),
        (&json!("payment_intent"), &json!("requires_capture"))
    );
    assert_eq!(intent["metadata"], json!({ "payment": "p-1" }));
    assert_eq!(
        (&found["status"], &found["payment_status"]),
        (&json!("complete"), &json!("unpaid"))
    );
    let (status, _) = double
        .call(Method::GET, &format!("{SESSIONS}/{session}?expand[]=line_items"), "")
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn automatic_capture_takes_the_money_at_once() {
    let double = Double::start().await;
    let session = id(&double
        .create(SESSIONS, &SESSION_FORM.replace("=manual", "=automatic"))
        .await);
    double.fill_in(&session, crate::GOOD).await;
    let found = double.find(&format!("{SESSIONS}/{session}")).await;
    assert_eq!(
        (&found["status"], &found["payment_status"]),
        (&json!("complete"), &json!("paid"))
    );
    assert!(double.events().await.contains(&"payment_intent.succeeded".to_owned()));
}
