use serde_json::{Value, json};
use testkit::{CODES, encoded};

use crate::{Shop, check, documented, problem};

const KEY: &str = "6f6f1f5e-6f9f-4f6c-8d86-5e1c37c0fd0e";
const INPUT: &str = "email=who%40example.org&name=A+%3Cb%3E&line1=Way+1&line2=&postal_code=10969&city=Berlin&country=DE\
                     &shipping=standard&card_number=4242424242424242&card_expiry=12%2F49&card_cvc=987&quote=shown";

fn place() -> String {
    format!("step=place&key={KEY}&{INPUT}")
}

#[tokio::test]
async fn checkout_page() {
    let shop = Shop::open().await;
    shop.check("/checkout", 200, "checkout").await;
}

#[tokio::test]
async fn order_cannot_be_placed_without_a_quote() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["quote"] = Value::Null;
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (status, html) = shop.page("/checkout").await;
    assert_eq!(status, 200);
    assert!(!html.contains(r#"value="place""#));
    assert!(html.contains("the order cannot be placed"));
}

#[tokio::test]
async fn checkout_of_an_empty_cart_links_to_the_shop() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["cart"] = json!({ "quantity": 0, "lines": [], "subtotal": null });
    view["quote"] = Value::Null;
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (status, html) = shop.page("/checkout").await;
    assert_eq!(status, 200);
    assert!(html.contains("Your cart is empty"));
}

#[tokio::test]
async fn update_keeps_the_input() {
    let shop = Shop::open().await;
    let (status, html) = shop.submit("/checkout", &format!("step=update&{INPUT}")).await;
    assert_eq!(status, 200);
    assert!(html.contains(r#"value="who@example.org""#));
    assert!(
        html.contains(r#"value="A &lt;b&gt;""#) || html.contains(r#"value="A <b>""#),
        "{html}"
    );
    assert!(
        !html.contains("4242424242424242") && !html.contains("987"),
        "no page holds a card"
    );
}

#[tokio::test]
async fn pickup_needs_a_shop() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["shipping"] = json!("pickup");
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let errors = problem("invalid", 422, "", "#/shop", "Please choose a shop for the pick-up.");
    shop.rejects("post", "/orders", 422, &errors).await;
    let form = format!("{}&shop=", place().replace("standard", "pickup"));
    let (status, html) = shop.submit("/checkout", &form).await;
    assert_eq!(status, 422);
    check("pickup", &html);
    let sent = shop.bff.received("post", "/orders").await;
    assert_eq!((&sent[0]["shipping"], &sent[0]["shop"]), (&json!("pickup"), &json!("")));
}

#[tokio::test]
async fn no_shop_is_offered_without_pickup() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["shipping_options"].as_array_mut().unwrap().pop();
    view["shops"] = json!([]);
    view["shop"] = Value::Null;
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(!html.contains("pickup") && !html.contains("Choose a shop"));
}

#[tokio::test]
async fn quantity_is_lowered_without_losing_the_input() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["cart"]["lines"][0]["available"] = json!(false);
    view["cart"]["lines"][0]["remaining"] = json!(2);
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(
        html.contains(r#"name="set_quantity" value="onda-vase-sand:2""#),
        "{html}"
    );
    assert!(!html.contains(r#"value="place""#));
    for (value, method) in [("onda-vase-sand:2", "put"), ("onda-vase-sand:0", "delete")] {
        let (status, html) = shop.submit("/checkout", &format!("set_quantity={value}&{INPUT}")).await;
        assert_eq!(status, 200, "{value}");
        assert!(html.contains(r#"value="who@example.org""#), "{value}");
        let sent = shop.bff.received(method, "/cart/lines").await;
        assert_eq!(sent.len(), 1, "{value}");
    }
    for value in ["", ":", "onda-vase-sand:100", "onda-vase-sand:-1", "..:1", "%00:1"] {
        let (status, _) = shop.submit("/checkout", &format!("set_quantity={value}&{INPUT}")).await;
        assert_eq!(status, 200, "{value}");
    }
    assert_eq!(shop.bff.received("put", "/cart/lines").await.len(), 1);
    for sku in CODES {
        let value = encoded(&format!("{sku}:2"));
        shop.submit("/checkout", &format!("set_quantity={value}&{INPUT}")).await;
        let sent = shop.bff.received("put", "/cart/lines").await;
        assert_eq!(sent.last(), Some(&json!({ "sku": sku, "quantity": 2 })));
    }
}

#[tokio::test]
async fn order_has_the_idempotency_key_of_the_page() {
    let shop = Shop::open().await;
    let response = shop.frontend.submit("/checkout", &place()).await;
    assert_eq!(response.status(), 303);
    let order = documented("post", "/orders", 201);
    let there = format!("/orders/{}", order["id"].as_str().unwrap());
    assert_eq!(response.headers()["location"], there.as_str());
    let sent = shop.bff.received("post", "/orders").await;
    assert_eq!(sent[0]["card_number"], "4242424242424242");
    assert_eq!(sent[0]["name"], "A <b>");
    assert!(sent[0].get("idempotency_key").is_none(), "the key is a header");
}

/// Even if the page shows another notice.
#[tokio::test]
async fn price_change_since_the_page_was_opened_is_shown() {
    let shop = Shop::open().await;
    let expected = "Prices have changed while this page was open.";
    let (_, html) = shop.page("/checkout").await;
    assert!(
        html.contains(r#"name="shown_prices" value="onda-vase-sand:1 €48.00""#),
        "{html}"
    );
    let rejection = problem("card-declined", 402, "It was this.", "", "");
    shop.rejects("post", "/orders", 402, &rejection).await;
    for (shown_prices, is_shown) in [
        ("onda-vase-sand:1+€45.00", true),
        ("onda-vase-sand:1+€48.00", false),
        ("onda-vase-sand:2+€90.00", false),
        ("", false),
        ("%00", false),
        ("<b>+<i>", false),
    ] {
        for form in [place(), format!("step=update&{INPUT}")] {
            let (_, html) = shop
                .submit("/checkout", &format!("{form}&shown_prices={shown_prices}"))
                .await;
            assert_eq!(html.contains(expected), is_shown, "{shown_prices}");
        }
    }
    let sent = shop.bff.received("post", "/orders").await;
    assert!(
        sent.iter().all(|form| form.get("shown_prices").is_none()),
        "the BFF does not need it"
    );
}

#[tokio::test]
async fn form_without_a_key_is_out_of_date() {
    let shop = Shop::open().await;
    for key in ["", "nonsense", "%0D%0Ax"] {
        let form = format!("step=place&key={key}&{INPUT}");
        let (status, html) = shop.submit("/checkout", &form).await;
        assert_eq!(status, 409, "{key}");
        assert!(html.contains("out of date"), "{key}");
    }
    assert!(shop.bff.received("post", "/orders").await.is_empty());
}

#[tokio::test]
async fn errors_are_shown_at_their_fields() {
    let shop = Shop::open().await;
    let mut rejection = problem(
        "invalid",
        422,
        "",
        "#/email",
        "Please type an address like name@example.org.",
    );
    let card = json!({ "pointer": "#/card_number", "detail": "This card number has a typing error." });
    rejection["errors"].as_array_mut().unwrap().push(card);
    shop.rejects("post", "/orders", 422, &rejection).await;
    let (status, html) = shop.submit("/checkout", &place()).await;
    assert_eq!(status, 422);
    check("invalid", &html);
    assert!(
        !html.contains("4242424242424242") && !html.contains("987"),
        "no page holds a card"
    );
}

#[tokio::test]
async fn rejection_is_shown_with_a_new_key() {
    for (kind, status, title) in [
        ("card-declined", 402, "Your card was declined"),
        ("out-of-stock", 409, "Some items have just sold out"),
        ("total-changed", 409, "The total has changed"),
        ("quote-expired", 409, "Your prices have expired"),
        ("something-new", 409, "Your order was not placed"),
    ] {
        let shop = Shop::open().await;
        if kind == "something-new" {
            shop.bff.refuses_undocumented("post", "/orders", status, kind).await;
        } else {
            let rejection = problem(kind, status, "It was this.", "", "");
            shop.rejects("post", "/orders", status, &rejection).await;
        }
        let (answered, html) = shop.submit("/checkout", &place()).await;
        assert_eq!(answered, status, "{kind}");
        assert!(
            html.contains(title) && html.contains(r#"value="who@example.org""#),
            "{kind}"
        );
        assert!(
            !html.contains(KEY),
            "{kind}: the old key would only repeat the rejection"
        );
    }
}

#[tokio::test]
async fn unknown_result_is_retried_with_the_same_key() {
    let shop = Shop::open().await;
    shop.rejects("post", "/orders", 503, &json!({})).await;
    let (status, html) = shop.submit("/checkout", &place()).await;
    assert_eq!(status, 503);
    check("retry", &html);
    assert!(html.contains(KEY) && html.contains(r#"value="shown""#));
    assert!(
        !html.contains("4242424242424242") && !html.contains("987"),
        "no page holds a card"
    );
}

#[tokio::test]
async fn checkout_needs_the_bff() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/checkout", 500, &json!({})).await;
    assert_eq!(shop.page("/checkout").await.0, 503);
    let (status, html) = shop.submit("/checkout", &format!("step=update&{INPUT}")).await;
    assert_eq!(status, 503);
    check("later", &html);
    assert!(html.contains("who@example.org"), "the input is kept");
    assert!(
        !html.contains("4242424242424242") && !html.contains("987"),
        "no page holds a card"
    );
}

#[tokio::test]
async fn invalid_query_is_ignored() {
    let shop = Shop::open().await;
    let huge = format!("?shop={}", "x".repeat(50_000));
    for query in [
        "?country=a&country=b",
        "?country=%FF",
        "?shipping=%00",
        "?&&=x",
        "?shop=%FF",
        &huge,
    ] {
        assert_eq!(shop.page(&format!("/checkout{query}")).await.0, 200, "{query}");
    }
}

#[tokio::test]
async fn first_button_places_the_order() {
    let shop = Shop::open().await;
    let (_, html) = shop.page("/checkout").await;
    let form = html.split("data-follow").nth(1).unwrap();
    let first = form
        .split("<button")
        .nth(1)
        .and_then(|rest| rest.split('>').next())
        .unwrap();
    assert!(
        first.contains(r#"name="step" value="place""#),
        "Enter presses the first button: {first}"
    );
}

#[tokio::test]
async fn dropped_card_is_asked_for_again() {
    let shop = Shop::open().await;
    let expected = "Please enter your card number and security code again.";
    let (_, fresh) = shop.page("/checkout").await;
    assert!(!fresh.contains(expected));
    let rejection = problem("total-changed", 409, "It was this.", "", "");
    shop.rejects("post", "/orders", 409, &rejection).await;
    for form in [
        format!("step=update&{INPUT}"),
        format!("set_quantity=onda-vase-sand:1&{INPUT}"),
        place(),
    ] {
        let (_, html) = shop.submit("/checkout", &form).await;
        assert!(html.contains(expected), "{form}");
    }
    let (_, html) = shop.submit("/checkout", "step=update&email=a%40example.org").await;
    assert!(!html.contains(expected), "no card was entered");
}

#[tokio::test]
async fn order_placed_from_another_page_is_shown() {
    let shop = Shop::open().await;
    let order = "01890a5d-ac96-774b-bcce-b302099a8057";
    let mut rejection = problem("cart-ordered", 409, "It was just ordered.", "", "");
    rejection["order"] = json!(order);
    shop.rejects("post", "/orders", 409, &rejection).await;
    let answer = shop.frontend.submit("/checkout", &place()).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], format!("/orders/{order}").as_str());
    rejection["order"] = json!("../nonsense");
    shop.rejects("post", "/orders", 409, &rejection).await;
    assert_eq!(shop.submit("/checkout", &place()).await.0, 409);
}
