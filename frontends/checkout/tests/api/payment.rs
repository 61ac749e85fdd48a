//! How the pages let shoppers pay.

use serde_json::{Value, json};

use crate::{Shop, check, documented, problem};

const ORDER: &str = "/orders/01890a5d-ac96-774b-bcce-b302099a8057";
const FORM: &str = "step=place&key=6f6f1f5e-6f9f-4f6c-8d86-5e1c37c0fd0e&email=who%40example.org&name=A&line1=Way+1&line2=\
    &postal_code=10969&city=Berlin&country=DE&shipping=standard&quote=shown";

/// The checkout where these providers are offered, of those that are documented.
async fn offering(providers: &[&str]) -> (Shop, String) {
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
async fn a_way_to_pay_is_chosen_where_there_are_several() {
    let (_shop, html) = offering(&["invoice", "test", "stripe"]).await;
    assert_eq!(html.matches(r#"type="radio" name="payment""#).count(), 3);
    let chosen = html
        .split(r#"name="payment" value="invoice""#)
        .nth(1)
        .expect("an invoice");
    assert!(chosen.split('>').next().expect("a tag").contains("checked"), "{html}");
}

#[tokio::test]
async fn with_stripe_alone_no_page_asks_for_a_card() {
    let (_shop, html) = offering(&["stripe"]).await;
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
async fn where_nothing_can_be_paid_nothing_can_be_placed() {
    let (shop, html) = offering(&[]).await;
    assert!(
        html.contains("This total cannot be paid here") && !html.contains(r#"value="place""#),
        "{html}"
    );
    let mut view = documented("get", "/checkout", 200);
    view["payment_options"] = Value::Null;
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(
        html.contains("Payments cannot be taken right now") && !html.contains(r#"value="place""#),
        "{html}"
    );
}

#[tokio::test]
async fn who_pays_on_a_page_is_sent_there() {
    let shop = Shop::open().await;
    let page = "https://checkout.stripe.com/c/pay/cs_1";
    for (outcome, paid_by, action, there) in [
        ("underway", "hosted_page", json!(page), page),
        // The bank is asked on the order's own page, and a page that is none leads nowhere.
        ("underway", "card", json!("https://bank.example/ask"), ORDER),
        ("underway", "hosted_page", json!("javascript:alert(1)"), ORDER),
        ("underway", "hosted_page", Value::Null, ORDER),
        ("accepted", "hosted_page", json!(page), ORDER),
    ] {
        let mut order = documented("post", "/orders", 201);
        order["outcome"] = json!(outcome);
        order["paid_by"] = json!(paid_by);
        order["action"] = action;
        shop.bff.answers("post", "/orders", 202, &order).await;
        let response = shop
            .frontend
            .submit("/checkout", &format!("{FORM}&payment=stripe"))
            .await;
        assert_eq!(response.status(), 303);
        assert_eq!(response.headers()["location"], there, "{outcome} {paid_by}");
    }
    let sent = shop.bff.received("post", "/orders").await;
    assert_eq!(
        (&sent[0]["payment"], &sent[0]["card_number"]),
        (&json!("stripe"), &json!(""))
    );
}

#[tokio::test]
async fn an_order_that_waits_for_its_payment() {
    let shop = Shop::open().await;
    let mut order = documented("get", "/orders/{id}", 200);
    order["outcome"] = json!("underway");
    order["paid_by"] = json!("hosted_page");
    order["action"] = json!("https://checkout.stripe.com/c/pay/cs_1");
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    let (_, html) = shop.page(ORDER).await;
    assert!(html.contains(r#"<h1 data-outcome="pays">"#), "{html}");
    assert!(html.contains(r#"href="https://checkout.stripe.com/c/pay/cs_1""#) && html.contains("Give this order up"));

    let mut cart = documented("get", "/cart", 200);
    cart["waiting_order"] = json!({
        "id": order["id"], "number": order["number"], "total": order["total"],
        "paid_by": "hosted_page", "action": order["action"],
    });
    shop.bff.answers("get", "/cart", 200, &cart).await;
    let (_, html) = shop.page("/cart").await;
    assert!(
        html.contains("waits for your payment") && html.contains("Go on to payment"),
        "{html}"
    );
}

#[tokio::test]
async fn an_order_on_account_says_how_to_pay() {
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
    check("order-owed", &html);
    // Where nobody knows, nothing is said of its being paid.
    order["is_paid"] = Value::Null;
    order["transfer"] = Value::Null;
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    let (_, html) = shop.page(ORDER).await;
    assert!(
        html.contains("you pay by bank transfer") && !html.contains("it is paid"),
        "{html}"
    );
    order["is_paid"] = json!(true);
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    assert!(shop.page(ORDER).await.1.contains("it is paid"));
}

#[tokio::test]
async fn what_is_wrong_with_the_choice_stands_beside_it() {
    let shop = Shop::open().await;
    let wrong = problem("invalid", 422, "", "#/payment", "Please choose how you pay.");
    shop.refuses("post", "/orders", 422, &wrong).await;
    let (status, html) = shop.submit("/checkout", FORM).await;
    assert_eq!(status, 422);
    assert!(
        html.contains(r##"<a href="#payment">Please choose how you pay.</a>"##),
        "{html}"
    );
    let declined = problem("invoice-declined", 402, "This order cannot be paid by invoice.", "", "");
    shop.refuses("post", "/orders", 402, &declined).await;
    let (status, html) = shop.submit("/checkout", FORM).await;
    assert!(status == 402 && html.contains("No invoice this time"), "{html}");
}
