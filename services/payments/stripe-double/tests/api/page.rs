//! The hosted page.

use serde_json::{Value, json};

use crate::{CHALLENGED, DECLINED, Double, GOOD, INSUFFICIENT_FUNDS, SESSION_FORM, id};

async fn session(double: &Double, id: &str) -> Value {
    double.find(&format!("/v1/checkout/sessions/{id}")).await
}

#[tokio::test]
async fn page_shows_items_total_and_form() {
    let double = Double::start().await;
    let form = format!("{SESSION_FORM}&customer_email=ada%40example.org").replace("Onda+vase", "%3Cb%3EOnda");
    let session = id(&double.create("/v1/checkout/sessions", &form).await);
    let (status, page) = double.page(&format!("/c/pay/{session}")).await;
    assert_eq!(status, 200);
    for text in [
        "Stripe double: no money moves",
        "&lt;b&gt;Onda",
        "52.90 EUR",
        "value=\"ada@example.org\"",
        "name=number",
        "name=expiry",
        "name=cvc",
        "<button>Pay</button>",
        "<a href=\"http://shop.test/back\">Back</a>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(double.page("/c/pay/cs_test_x").await.0, 404);
}

#[tokio::test]
async fn accepted_card_completes_the_session() {
    let double = Double::start().await;
    let name = double.session().await;
    let paid = double.fill_in(&name, GOOD).await;
    assert_eq!(paid.status(), 303);
    let home = format!("http://shop.test/done?session={name}");
    assert_eq!(paid.headers()["location"], home.as_str());
    let found = session(&double, &name).await;
    assert_eq!(
        (&found["status"], &found["payment_status"]),
        (&json!("complete"), &json!("unpaid"))
    );
    assert_eq!(found["customer_details"]["email"], "ada@example.org");
    let expected = [
        "payment_intent.created",
        "payment_intent.amount_capturable_updated",
        "checkout.session.completed",
    ];
    assert_eq!(double.events().await, expected);
    // Visiting or paying again redirects, and charges nothing.
    assert_eq!(double.page(&format!("/c/pay/{name}")).await.0, 303);
    assert_eq!(double.fill_in(&name, GOOD).await.status(), 303);
    assert_eq!(double.get("/double/charges").await.1.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn declined_card_leaves_the_session_open() {
    let double = Double::start().await;
    let name = double.session().await;
    for (card, text, code) in [
        (DECLINED, "Your card was declined.", "generic_decline"),
        (
            INSUFFICIENT_FUNDS,
            "Your card has insufficient funds.",
            "insufficient_funds",
        ),
        ("4111111111111111", "test mode", "test_mode_live_card"),
    ] {
        let page = double.fill_in(&name, card).await;
        assert_eq!(page.status(), 402);
        let page = page.text().await.unwrap();
        assert!(page.contains(text) && page.contains("id=number-error"), "{page}");
        let events = double
            .find("/v1/events?type=payment_intent.payment_failed&limit=1")
            .await;
        let error = &events["data"][0]["data"]["object"]["last_payment_error"];
        assert_eq!(
            (&error["code"], &error["decline_code"]),
            (&json!("card_declined"), &json!(code))
        );
    }
    let found = session(&double, &name).await;
    assert_eq!(
        (&found["status"], &found["payment_intent"]),
        (&json!("open"), &json!(null))
    );
    assert_eq!(double.fill_in(&name, GOOD).await.status(), 303);
    let (_, charges) = double.get("/double/charges").await;
    assert_eq!(charges.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn invalid_fields_are_marked() {
    let double = Double::start().await;
    let name = double.session().await;
    let fields = "email=nobody&number=4242424242424241&expiry=12%2F20&cvc=1";
    let page = double.submit(&format!("/c/pay/{name}"), fields).await;
    assert_eq!(page.status(), 422);
    let page = page.text().await.unwrap();
    for field in ["email", "number", "expiry", "cvc"] {
        assert!(page.contains(&format!("id={field}-error")), "{field}: {page}");
    }
    assert_eq!(double.get("/double/charges").await.1, json!([]));
}

#[tokio::test]
async fn authentication_can_fail_and_be_repeated() {
    let double = Double::start().await;
    let name = double.session().await;
    let path = format!("/c/pay/{name}");
    assert_eq!(double.submit(&path, "answer=complete").await.status(), 402);
    for (answer, status) in [("fail", 402), ("complete", 303)] {
        let page = double.fill_in(&name, CHALLENGED).await.text().await.unwrap();
        assert!(
            page.contains("value=complete>Complete") && page.contains("value=fail>Fail"),
            "{page}"
        );
        let (_, charges) = double.get("/double/charges").await;
        assert_eq!(charges[0]["status"], "requires_action");
        let answered = double.submit(&path, &format!("answer={answer}")).await;
        assert_eq!(answered.status(), status);
    }
    let (_, charges) = double.get("/double/charges").await;
    assert_eq!(
        (charges.as_array().unwrap().len(), &charges[0]["status"]),
        (1, &json!("requires_capture"))
    );
    let events = double.events().await;
    for kind in ["payment_intent.requires_action", "payment_intent.payment_failed"] {
        assert!(events.iter().any(|event| event == kind), "{kind}");
    }
}

#[tokio::test]
async fn session_paid_in_several_tabs_is_one_charge() {
    let double = Double::start().await;
    let name = double.session().await;
    let tabs = [(); 8].map(|()| double.fill_in(&name, GOOD));
    for tab in futures_util::future::join_all(tabs).await {
        assert_eq!(tab.status(), 303);
    }
    assert_eq!(double.get("/double/charges").await.1.as_array().unwrap().len(), 1);
    assert_eq!(double.events().await.len(), 3);
}
