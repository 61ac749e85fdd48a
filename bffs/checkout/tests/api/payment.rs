//! Payment options of the checkout, and the payment of an order.

use serde_json::{Value, json};
use testkit::Contract;

use crate::Shop;

/// The documented form with this payment option and without a card.
fn form(payment: &str) -> Value {
    let mut form = Contract::of("bffs/checkout").request("post", "/orders");
    form["payment"] = json!(payment);
    for field in ["card_number", "card_expiry", "card_cvc"] {
        form[field] = json!("");
    }
    form
}

/// The documented order of orders, with this status and way to pay.
fn order(status: &str, paid_by: &str) -> Value {
    let mut order = Contract::of("services/orders").answer("post", "/orders", 201);
    order["status"] = json!(status);
    order["paid_by"] = json!(paid_by);
    order
}

#[tokio::test]
async fn hosted_payment_has_a_redirect_url_and_sends_no_card() {
    let shop = Shop::open().await;
    let mut waiting = order("awaiting_payment", "hosted_page");
    waiting["redirect_url"] = json!("https://checkout.stripe.com/c/pay/cs_1");
    shop.orders.answers("post", "/orders", 202, &waiting).await;
    let mut payment = Contract::of("services/payments").answer("get", "/payments/{id}", 200);
    payment["status"] = json!("requires_action");
    let page = json!({ "items": [payment], "next": null });
    shop.payments.answers("get", "/payments", 200, &page).await;
    let mut form = form("stripe");
    form["card_number"] = json!("4242424242424242");
    let answer = shop.post("/orders", &form).await;
    assert_eq!((answer.status, &answer.body["outcome"]), (202, &json!("in_progress")));
    assert_eq!(
        (
            &answer.body["paid_by"],
            &answer.body["redirect_url"],
            &answer.body["is_paid"]
        ),
        (&json!("hosted_page"), &waiting["redirect_url"], &Value::Null)
    );
    let sent = shop.payments.received("post", "/payment-methods").await;
    assert_eq!(sent, [json!({ "provider": "stripe" })]);
}

/// Payments knows before orders does that it is paid.
#[tokio::test]
async fn paid_order_has_no_redirect_url() {
    let shop = Shop::open().await;
    let mut waiting = order("awaiting_payment", "hosted_page");
    waiting["redirect_url"] = json!("https://checkout.stripe.com/c/pay/cs_1");
    shop.orders.answers("get", "/orders/{id}", 200, &waiting).await;
    let path = format!("/orders/{}", waiting["id"].as_str().unwrap());
    let mut payment = Contract::of("services/payments").answer("get", "/payments/{id}", 200);
    for (status, redirect_url) in [
        ("requires_action", &waiting["redirect_url"]),
        ("authorised", &Value::Null),
    ] {
        payment["status"] = json!(status);
        let page = json!({ "items": [payment], "next": null });
        shop.payments.answers("get", "/payments", 200, &page).await;
        assert_eq!(&shop.get(&path).await.body["redirect_url"], redirect_url, "{status}");
    }
}

#[tokio::test]
async fn order_on_account_has_bank_details_until_it_is_paid() {
    let shop = Shop::open().await;
    let order = order("completed", "invoice");
    shop.orders.answers("get", "/orders/{id}", 200, &order).await;
    let path = format!("/orders/{}", order["id"].as_str().unwrap());
    let mut payment = Contract::of("services/payments").answer("get", "/payments/{id}", 200);
    payment["provider"] = json!("invoice");
    payment["type"] = json!("invoice");
    payment["transfer"] = json!({
        "account_holder": "Stoa", "iban": "DE89370400440532013000", "reference": "S-7K3M9QXD",
        "due_at": "2030-06-15T10:00:00Z",
    });
    for (status, is_paid) in [("authorised", false), ("captured", true), ("voided", false)] {
        payment["status"] = json!(status);
        let page = json!({ "items": [payment], "next": null });
        shop.payments.answers("get", "/payments", 200, &page).await;
        let answer = shop.get(&path).await;
        assert_eq!(answer.body["is_paid"], json!(is_paid), "{status}");
        let iban = &answer.body["transfer"]["iban"];
        assert_eq!(iban.is_string(), status == "authorised", "{status}");
    }
    // The order is shown even if payments does not answer.
    shop.payments.answers("get", "/payments", 500, &json!({})).await;
    let answer = shop.get(&path).await;
    assert_eq!((answer.status, &answer.body["is_paid"]), (200, &Value::Null));
}

#[tokio::test]
async fn checkout_has_the_payment_options_of_payments() {
    let shop = Shop::open().await;
    let options = |path: &'static str| {
        let shop = &shop;
        async move {
            let body = shop.get(path).await.body;
            let options = body["payment_options"].as_array().unwrap().clone();
            let options: Vec<_> = options.iter().map(|option| option["provider"].clone()).collect();
            (options, body["payment"].clone())
        }
    };
    let all = vec![json!("test"), json!("stripe"), json!("invoice")];
    assert_eq!(options("/checkout").await, (all.clone(), json!("test")));
    assert_eq!(
        options("/checkout?payment=invoice").await,
        (all.clone(), json!("invoice"))
    );
    assert_eq!(options("/checkout?payment=cheque").await, (all, json!("test")));
    // Options of an unknown type are left out.
    let later = json!({ "items": [
        { "provider": "coins", "type": "coins", "label": "Coins", "is_test": false },
        { "provider": "invoice", "type": "invoice", "label": "Invoice", "is_test": false, "days_to_pay": 7 },
    ] });
    shop.payments.answers("get", "/payment-options", 200, &later).await;
    assert_eq!(options("/checkout").await, (vec![json!("invoice")], json!("invoice")));
}

#[tokio::test]
async fn checkout_is_shown_without_payments_and_no_order_can_be_placed() {
    let shop = Shop::open().await;
    shop.payments.answers("get", "/payment-options", 500, &json!({})).await;
    let view = shop.get("/checkout").await;
    assert_eq!((view.status, &view.body["payment_options"]), (200, &Value::Null));
    assert!(view.body["quote"].is_object());
    assert_eq!(shop.post("/orders", &form("test")).await.status, 503);
}
