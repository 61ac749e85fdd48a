use axum::http::HeaderValue;
use serde_json::{Value, json};
use storage::clock;

use super::*;
use crate::domain::Decline;

const SECRET: &str = "whsec_1";

fn standing(intent: &Value) -> Standing {
    serde_json::from_value::<Intent>(intent.clone()).unwrap().standing()
}

#[test]
fn an_intent_says_where_it_stands() {
    let intent = |status: &str| json!({ "id": "pi_1", "status": status, "amount_received": 4000 });
    assert_eq!(standing(&intent("requires_confirmation")), Standing::Unasked);
    assert_eq!(standing(&intent("processing")), Standing::Processing);
    assert_eq!(standing(&intent("of_the_future")), Standing::Processing);
    assert_eq!(standing(&intent("requires_capture")), Standing::Authorised);
    assert_eq!(standing(&intent("succeeded")), Standing::Captured(Some(4000)));
    assert_eq!(standing(&intent("canceled")), Standing::Voided);
    assert_eq!(
        standing(&intent("requires_payment_method")),
        Standing::Declined(Decline::Card)
    );
}

#[test]
fn a_card_is_known_again_by_its_fingerprint() {
    let kept = |method: Value| serde_json::from_value::<Method>(method).unwrap().kept();
    let known = kept(json!({ "id": "pm_1", "card": { "last4": "4242", "fingerprint": "Xt5EWLLDS7FJjR1c" } }));
    assert_eq!(
        (known.token.0.as_str(), known.fingerprint.as_deref()),
        ("pm_1", Some("Xt5EWLLDS7FJjR1c"))
    );
    assert_eq!(kept(json!({ "id": "pm_1", "card": {} })).fingerprint, None);
}

#[test]
fn a_decline_has_its_reason() {
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
        assert_eq!(standing(&intent), Standing::Declined(decline), "{intent}");
    }
}

#[test]
fn a_shopper_is_sent_to_the_bank_alone() {
    for (action, url) in [
        (
            json!({ "redirect_to_url": { "url": "https://hooks.stripe.com/1" } }),
            Some("https://hooks.stripe.com/1"),
        ),
        (
            json!({ "use_stripe_sdk": { "stripe_js": "https://hooks.stripe.com/2" } }),
            Some("https://hooks.stripe.com/2"),
        ),
        (json!({ "use_stripe_sdk": { "stripe_js": "" } }), None),
        (json!({ "redirect_to_url": { "url": "javascript:alert(1)" } }), None),
        (Value::Null, None),
    ] {
        let intent = json!({ "id": "pi_1", "status": "requires_action", "next_action": action });
        assert_eq!(
            standing(&intent),
            Standing::RequiresAction(url.map(str::to_owned)),
            "{intent}"
        );
    }
}

fn read(event: &Value) -> Option<Notice> {
    let http = https::Client::new(&https::Settings::default()).unwrap();
    let url = "https://api.stripe.com".parse().unwrap();
    let stripe = Stripe::new(http, url, "sk_1", SECRET.to_owned()).unwrap();
    let body = event.to_string();
    let now = clock::now();
    let signature = HeaderValue::try_from(signature::sign(SECRET, body.as_bytes(), now)).unwrap();
    let headers = HeaderMap::from_iter([(SIGNATURE.parse().unwrap(), signature)]);
    assert!(stripe.read(&HeaderMap::new(), body.as_bytes(), now).is_err());
    stripe.read(&headers, body.as_bytes(), now).unwrap()
}

#[test]
fn an_event_says_what_has_happened() {
    let event = |kind: &str, object: Value| json!({ "id": "evt_1", "type": kind, "data": { "object": object } });
    let intent = json!({ "id": "pi_1", "status": "requires_capture" });
    let notice = read(&event("payment_intent.amount_capturable_updated", intent.clone())).unwrap();
    assert_eq!((notice.id.as_str(), notice.payment.0.as_str()), ("evt_1", "pi_1"));
    assert_eq!(notice.news, News::Standing(Standing::Authorised));

    let refund = |metadata: Value| {
        json!({ "id": "re_1", "status": "failed", "failure_reason": "expired_or_canceled_card",
            "payment_intent": "pi_1", "metadata": metadata })
    };
    let ours = refund(json!({ "reference": "01890a5d-b4c1-7d2e-8f3a-6b9c0d1e2f3a-3" }));
    let notice = read(&event("refund.failed", ours)).unwrap();
    let reason = Some("expired_or_canceled_card".to_owned());
    assert_eq!(notice.news, News::Movement(3, Progress::Refused, reason));

    assert_eq!(read(&event("refund.created", refund(json!({})))), None);
    assert_eq!(read(&event("payment_intent.created", intent)), None);
    assert_eq!(read(&event("customer.created", json!({ "id": "cus_1" }))), None);
}

#[test]
fn an_address_has_no_path() {
    for good in ["https://api.stripe.com", "http://127.0.0.1:12111/"] {
        assert!(good.parse::<Url>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "api.stripe.com",
        "ftp://api.stripe.com",
        "https://api.stripe.com/v1",
        "https://",
    ] {
        assert!(bad.parse::<Url>().is_err(), "{bad}");
    }
}
