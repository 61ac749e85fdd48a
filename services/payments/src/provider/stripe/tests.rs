use axum::http::HeaderValue;
use serde_json::{Value, json};
use values::Clock;

use super::*;
use crate::domain::{Decline, PaymentUpdate};

const SECRET: &str = "whsec_1";
const PAYMENT: &str = "01890a5d-b4c1-7d2e-8f3a-6b9c0d1e2f3a";

fn status(intent: &Value) -> ProviderStatus {
    serde_json::from_value::<Intent>(intent.clone())
        .unwrap()
        .into_provider_payment()
        .status
}

fn session(session: &Value) -> (String, ProviderStatus) {
    let payment = serde_json::from_value::<Session>(session.clone())
        .unwrap()
        .into_provider_payment();
    (payment.id.0, payment.status)
}

#[test]
fn intent_has_a_provider_status() {
    let intent = |status: &str| json!({ "id": "pi_1", "status": status, "amount_received": 4000 });
    assert_eq!(status(&intent("requires_confirmation")), ProviderStatus::Unconfirmed);
    assert_eq!(status(&intent("processing")), ProviderStatus::Processing);
    assert_eq!(status(&intent("of_the_future")), ProviderStatus::Processing);
    assert_eq!(status(&intent("requires_capture")), ProviderStatus::Authorised);
    assert_eq!(status(&intent("succeeded")), ProviderStatus::Captured(Some(4000)));
    assert_eq!(status(&intent("canceled")), ProviderStatus::Voided);
    assert_eq!(
        status(&intent("requires_payment_method")),
        ProviderStatus::Declined(Decline::Card)
    );
}

#[test]
fn session_has_a_provider_status_and_once_paid_the_id_of_the_intent() {
    let open = json!({ "id": "cs_1", "status": "open", "url": "https://checkout.stripe.com/c/pay/cs_1" });
    let url = Some("https://checkout.stripe.com/c/pay/cs_1".to_owned());
    assert_eq!(session(&open), ("cs_1".to_owned(), ProviderStatus::RequiresAction(url)));
    let odd = json!({ "id": "cs_1", "status": "open", "url": "javascript:alert(1)" });
    assert_eq!(session(&odd).1, ProviderStatus::RequiresAction(None));
    let expired = json!({ "id": "cs_1", "status": "expired", "payment_intent": null });
    assert_eq!(session(&expired), ("cs_1".to_owned(), ProviderStatus::Expired));
    let intent = json!({ "id": "pi_1", "status": "requires_capture" });
    let paid = json!({ "id": "cs_1", "status": "complete", "payment_intent": intent });
    assert_eq!(session(&paid), ("pi_1".to_owned(), ProviderStatus::Authorised));
    let not_expanded = json!({ "id": "cs_1", "status": "complete", "payment_intent": "pi_1" });
    assert_eq!(session(&not_expanded), ("cs_1".to_owned(), ProviderStatus::Processing));
}

#[test]
fn decline_has_its_reason() {
    for (error, decline) in [
        (
            json!({ "code": "card_declined", "decline_code": "insufficient_funds" }),
            Decline::InsufficientFunds,
        ),
        (
            json!({ "code": "payment_intent_authentication_failure" }),
            Decline::Authentication,
        ),
        (
            json!({ "code": "card_declined", "decline_code": "generic_decline" }),
            Decline::Card,
        ),
        (Value::Null, Decline::Card),
    ] {
        let intent = json!({ "id": "pi_1", "status": "requires_payment_method", "last_payment_error": error });
        assert_eq!(status(&intent), ProviderStatus::Declined(decline), "{intent}");
    }
}

fn stripe() -> Stripe {
    let settings = Settings {
        key: Some("sk_test_1".into()),
        webhook_secret: Some(SECRET.into()),
        ..Settings::default()
    };
    settings.open(Some("https://pay.example")).unwrap()
}

fn parse(event: &Value) -> Option<WebhookEvent> {
    let (stripe, body, now) = (stripe(), event.to_string(), Clock::system().now());
    let signature = HeaderValue::try_from(signature::sign(&SECRET.into(), body.as_bytes(), now)).unwrap();
    let headers = HeaderMap::from_iter([(SIGNATURE.parse().unwrap(), signature)]);
    assert!(stripe.parse_webhook(&HeaderMap::new(), body.as_bytes(), now).is_err());
    stripe.parse_webhook(&headers, body.as_bytes(), now).unwrap()
}

#[test]
fn event_is_parsed_into_updates() {
    let event = |kind: &str, object: Value| json!({ "id": "evt_1", "type": kind, "data": { "object": object } });
    let ours = json!({ "payment": PAYMENT });
    let new_id = PaymentUpdate::ProviderPaymentId(ProviderPaymentId("pi_1".to_owned()));

    let session = json!({ "id": "cs_1", "status": "complete", "payment_intent": "pi_1", "metadata": ours });
    let parsed = parse(&event("checkout.session.completed", session.clone())).unwrap();
    assert_eq!(
        (parsed.id.as_str(), parsed.payment_id.to_string()),
        ("evt_1", PAYMENT.to_owned())
    );
    assert!(
        parsed.needs_retrieval && parsed.updates == [new_id.clone()],
        "{parsed:?}"
    );
    let parsed = parse(&event("checkout.session.expired", session)).unwrap();
    assert_eq!(parsed.updates, [PaymentUpdate::Status(ProviderStatus::Expired)]);

    let intent = json!({ "id": "pi_1", "status": "requires_capture", "metadata": ours });
    let parsed = parse(&event("payment_intent.amount_capturable_updated", intent.clone())).unwrap();
    assert_eq!(
        parsed.updates,
        [new_id, PaymentUpdate::Status(ProviderStatus::Authorised)]
    );

    let refund = |metadata: Value| {
        json!({ "id": "re_1", "status": "failed", "failure_reason": "expired_or_canceled_card",
            "payment_intent": "pi_1", "metadata": metadata })
    };
    let ours = refund(json!({ "reference": format!("{PAYMENT}-3") }));
    let parsed = parse(&event("refund.failed", ours)).unwrap();
    let reason = Some("expired_or_canceled_card".to_owned());
    assert_eq!(
        parsed.updates,
        [PaymentUpdate::Movement(3, MovementStatus::Refused, reason)]
    );

    assert_eq!(parse(&event("refund.created", refund(json!({})))), None);
    // The shopper can try again on the page.
    assert_eq!(parse(&event("payment_intent.payment_failed", intent)), None);
    let unrelated = json!({ "id": "pi_2", "status": "requires_capture", "metadata": {} });
    assert_eq!(parse(&event("payment_intent.succeeded", unrelated)), None);
    assert_eq!(parse(&event("customer.created", json!({ "id": "cus_1" }))), None);
}

#[test]
fn api_url_has_no_path() {
    for good in ["https://api.stripe.com", "http://127.0.0.1:12111/"] {
        assert!(good.parse::<ApiUrl>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "api.stripe.com",
        "ftp://api.stripe.com",
        "https://api.stripe.com/v1",
        "https://",
        "https://user:password@api.stripe.com",
    ] {
        assert!(bad.parse::<ApiUrl>().is_err(), "{bad}");
    }
}

#[test]
fn missing_setting_is_named_and_secrets_are_not_shown() {
    let whole = Settings {
        key: Some("sk_test_1".into()),
        webhook_secret: Some(SECRET.into()),
        ..Settings::default()
    };
    let refused = |settings: Settings, url: Option<&str>| settings.open(url).err();
    assert_eq!(refused(whole.clone(), Some("https://pay.example")), None);
    for (settings, url, name) in [
        (
            Settings {
                key: None,
                ..whole.clone()
            },
            Some("https://pay.example"),
            "STOA_STRIPE_KEY",
        ),
        (
            Settings {
                webhook_secret: Some("".into()),
                ..whole.clone()
            },
            Some("https://pay.example"),
            "STOA_STRIPE_WEBHOOK_SECRET",
        ),
        (whole.clone(), None, "STOA_PUBLIC_URL"),
        (whole.clone(), Some("pay.example"), "STOA_PUBLIC_URL"),
    ] {
        let said = refused(settings, url).expect("refused");
        assert!(said.contains(name) && !said.contains('\n'), "{said}");
    }
    let shown = format!("{whole:?} {:?}", stripe());
    assert!(!shown.contains("sk_test") && !shown.contains(SECRET), "{shown}");
}
