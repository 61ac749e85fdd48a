//! Payment options and payments on the pages.

use serde_json::{Value, json};

use crate::{Shop, check, documented, problem};

const ORDER: &str = "/orders/01890a5d-ac96-774b-bcce-b302099a8057";
const FORM: &str = "step=place&key=6f6f1f5e-6f9f-4f6c-8d86-5e1c37c0fd0e&email=who%40example.org&name=A&line1=Way+1&line2=\
    &postal_code=10969&city=Berlin&country=DE&shipping=standard&quote=shown";

/// The documented checkout with these providers alone.
async fn checkout_with(providers: &[&str]) -> (Shop, String) {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    let options = view["payment_options"].as_array_mut().expect("a list");
    options.retain(|option| providers.contains(&option["provider"].as_str().expect("a name")));
    view["payment"] = providers.first().map_or(Value::Null, |first| json!(first));
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (status, html) = shop.page("/checkout").await;
    assert_eq!(status, 200);
    (shop, html)
}

#[tokio::test]
async fn several_payment_options_are_a_choice() {
    let (_shop, html) = checkout_with(&["invoice", "test", "stripe"]).await;
    assert_eq!(html.matches(r#"type="radio" name="payment""#).count(), 3);
    let chosen = html
        .split(r#"name="payment" value="invoice""#)
        .nth(1)
        .expect("an invoice");
    assert!(chosen.split('>').next().expect("a tag").contains("checked"), "{html}");
}

#[tokio::test]
async fn hosted_page_alone_needs_no_card_fields() {
    let (_shop, html) = checkout_with(&["stripe"]).await;
    assert!(
        html.contains(r#"<input type="hidden" name="payment" value="stripe">"#),
        "{html}"
    );
    assert!(!html.contains("card_") && !html.contains("your card"), "{html}");
    assert!(
        html.contains("You pay on Stripe’s page") && html.contains(r#"value="place""#),
        "{html}"
    );
}

#[tokio::test]
async fn order_cannot_be_placed_without_payment_options() {
    let (shop, html) = checkout_with(&[]).await;
    assert!(
        html.contains("This total cannot be paid here") && !html.contains(r#"value="place""#),
        "{html}"
    );
    let mut view = documented("get", "/checkout", 200);
    view["payment_options"] = Value::Null;
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(
        html.contains("We cannot take payments right now") && !html.contains(r#"value="place""#),
        "{html}"
    );
}

#[tokio::test]
async fn hosted_payment_is_redirected_to_its_page() {
    let shop = Shop::open().await;
    let page = "https://checkout.stripe.com/c/pay/cs_1";
    for (outcome, paid_by, redirect_url, location) in [
        ("in_progress", "hosted_page", json!(page), page),
        // Authentication begins on the order page, and so does everything without a valid page to pay on.
        ("in_progress", "card", json!("https://bank.example/ask"), ORDER),
        ("in_progress", "hosted_page", json!("javascript:alert(1)"), ORDER),
        ("in_progress", "hosted_page", Value::Null, ORDER),
        ("accepted", "hosted_page", json!(page), ORDER),
    ] {
        let mut order = documented("post", "/orders", 201);
        order["outcome"] = json!(outcome);
        order["paid_by"] = json!(paid_by);
        order["redirect_url"] = redirect_url;
        shop.bff.answers("post", "/orders", 202, &order).await;
        let response = shop
            .frontend
            .submit("/checkout", &format!("{FORM}&payment=stripe"))
            .await;
        assert_eq!(response.status(), 303);
        assert_eq!(response.headers()["location"], location, "{outcome} {paid_by}");
    }
    let sent = shop.bff.received("post", "/orders").await;
    assert_eq!(
        (&sent[0]["payment"], &sent[0]["card_number"]),
        (&json!("stripe"), &json!(""))
    );
}

#[tokio::test]
async fn order_awaiting_payment_links_to_the_payment_page() {
    let shop = Shop::open().await;
    let mut order = documented("get", "/orders/{id}", 200);
    order["outcome"] = json!("in_progress");
    order["paid_by"] = json!("hosted_page");
    order["redirect_url"] = json!("https://checkout.stripe.com/c/pay/cs_1");
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    let (_, html) = shop.page(ORDER).await;
    assert!(html.contains(r#"<h1 data-outcome="awaiting_payment">"#), "{html}");
    assert!(html.contains(r#"href="https://checkout.stripe.com/c/pay/cs_1""#) && html.contains("Cancel this order"));

    let mut cart = documented("get", "/cart", 200);
    cart["waiting_order"] = json!({
        "id": order["id"], "number": order["number"], "total": order["total"],
        "paid_by": "hosted_page", "redirect_url": order["redirect_url"],
    });
    shop.bff.answers("get", "/cart", 200, &cart).await;
    let (_, html) = shop.page("/cart").await;
    assert!(
        html.contains("is waiting for your payment") && html.contains("Continue to payment"),
        "{html}"
    );
}

#[tokio::test]
async fn order_on_account_shows_bank_details() {
    let shop = Shop::open().await;
    let mut order = documented("get", "/orders/{id}", 200);
    order["paid_by"] = json!("invoice");
    order["is_paid"] = json!(false);
    order["transfer"] = json!({
        "account_holder": "Stoa", "iban": "DE89370400440532013000", "bic": null, "reference": "S-7K3M9QXD",
        "due_at": "2030-06-05T10:00:00Z",
    });
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    let (status, html) = shop.page(ORDER).await;
    assert_eq!(status, 200);
    check("order-payment-due", &html);
    // Without an answer of payments, the page does not say that it is paid.
    order["is_paid"] = Value::Null;
    order["transfer"] = Value::Null;
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    let (_, html) = shop.page(ORDER).await;
    assert!(
        html.contains("Please pay by bank transfer") && !html.contains("confirmed and paid"),
        "{html}"
    );
    order["is_paid"] = json!(true);
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    assert!(shop.page(ORDER).await.1.contains("confirmed and paid"));
}

#[tokio::test]
async fn error_of_the_payment_option_is_shown() {
    let shop = Shop::open().await;
    let wrong = problem("invalid", 422, "", "#/payment", "Please choose a payment method.");
    shop.rejects("post", "/orders", 422, &wrong).await;
    let (status, html) = shop.submit("/checkout", FORM).await;
    assert_eq!(status, 422);
    assert!(
        html.contains(r##"<a href="#payment">Please choose a payment method.</a>"##),
        "{html}"
    );
    let declined = problem("invoice-declined", 402, "This order cannot be paid by invoice.", "", "");
    shop.rejects("post", "/orders", 402, &declined).await;
    let (status, html) = shop.submit("/checkout", FORM).await;
    assert!(
        status == 402 && html.contains("Payment by invoice is not available"),
        "{html}"
    );
}
