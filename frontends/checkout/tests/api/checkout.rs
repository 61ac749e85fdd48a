use serde_json::{Value, json};
use testkit::{CODES, encoded};

use crate::{Shop, check, documented, problem};

const KEY: &str = "6f6f1f5e-6f9f-4f6c-8d86-5e1c37c0fd0e";
const TYPED: &str = "email=who%40example.org&name=A+%3Cb%3E&line1=Way+1&line2=&postal_code=10969&city=Berlin&country=DE\
                     &shipping=standard&card_number=4242424242424242&card_expiry=12%2F49&card_cvc=987&quote=shown";

fn place() -> String {
    format!("step=place&key={KEY}&{TYPED}")
}

#[tokio::test]
async fn a_checkout() {
    let shop = Shop::open().await;
    shop.check("/checkout", 200, "checkout").await;
}

#[tokio::test]
async fn without_a_price_nothing_can_be_placed() {
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
async fn an_empty_cart_leads_back_to_the_shop() {
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
async fn another_total_keeps_what_was_typed() {
    let shop = Shop::open().await;
    let (status, html) = shop.submit("/checkout", &format!("step=update&{TYPED}")).await;
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
async fn what_is_picked_up_has_a_shop() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["shipping"] = json!("pickup");
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let errors = problem(
        "invalid",
        422,
        "",
        "#/shop",
        "Please choose the shop where you pick it up.",
    );
    shop.refuses("post", "/orders", 422, &errors).await;
    let form = format!("{}&shop=", place().replace("standard", "pickup"));
    let (status, html) = shop.submit("/checkout", &form).await;
    assert_eq!(status, 422);
    check("pickup", &html);
    let sent = shop.bff.received("post", "/orders").await;
    assert_eq!((&sent[0]["shipping"], &sent[0]["shop"]), (&json!("pickup"), &json!("")));
}

#[tokio::test]
async fn where_nothing_can_be_picked_up_no_shop_is_offered() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["shipping_options"].as_array_mut().unwrap().pop();
    view["shops"] = json!([]);
    view["shop"] = Value::Null;
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(!html.contains("pickup") && !html.contains("In which shop?"));
}

#[tokio::test]
async fn what_is_short_is_mended_without_losing_what_was_typed() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["cart"]["lines"][0]["available"] = json!(false);
    view["cart"]["lines"][0]["left"] = json!(2);
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(html.contains(r#"name="take" value="onda-vase-sand:2""#), "{html}");
    assert!(!html.contains(r#"value="place""#));
    for (take, method) in [("onda-vase-sand:2", "put"), ("onda-vase-sand:0", "delete")] {
        let (status, html) = shop.submit("/checkout", &format!("take={take}&{TYPED}")).await;
        assert_eq!(status, 200, "{take}");
        assert!(html.contains(r#"value="who@example.org""#), "{take}");
        let sent = shop.bff.received(method, "/cart/lines").await;
        assert_eq!(sent.len(), 1, "{take}");
    }
    for take in ["", ":", "onda-vase-sand:100", "onda-vase-sand:-1", "..:1", "%00:1"] {
        let (status, _) = shop.submit("/checkout", &format!("take={take}&{TYPED}")).await;
        assert_eq!(status, 200, "{take}");
    }
    assert_eq!(shop.bff.received("put", "/cart/lines").await.len(), 1);
    for sku in CODES {
        let take = encoded(&format!("{sku}:2"));
        shop.submit("/checkout", &format!("take={take}&{TYPED}")).await;
        let sent = shop.bff.received("put", "/cart/lines").await;
        assert_eq!(sent.last(), Some(&json!({ "sku": sku, "quantity": 2 })));
    }
}

#[tokio::test]
async fn an_order_is_placed_under_the_page_s_key() {
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

/// Whatever else the page has to say: nobody pays another price than they were shown without being told.
#[tokio::test]
async fn a_price_that_changes_under_an_open_page_is_told() {
    let shop = Shop::open().await;
    let says = "Prices have changed while this page was open.";
    let (_, html) = shop.page("/checkout").await;
    assert!(
        html.contains(r#"name="seen" value="onda-vase-sand:1 €48.00""#),
        "{html}"
    );
    let refusal = problem("card-declined", 402, "It was this.", "", "");
    shop.refuses("post", "/orders", 402, &refusal).await;
    for (seen, is_told) in [
        ("onda-vase-sand:1+€45.00", true),
        ("onda-vase-sand:1+€48.00", false),
        ("onda-vase-sand:2+€90.00", false),
        ("", false),
        ("%00", false),
        ("<b>+<i>", false),
    ] {
        for form in [place(), format!("step=update&{TYPED}")] {
            let (_, html) = shop.submit("/checkout", &format!("{form}&seen={seen}")).await;
            assert_eq!(html.contains(says), is_told, "{seen}");
        }
    }
    let sent = shop.bff.received("post", "/orders").await;
    assert!(
        sent.iter().all(|form| form.get("seen").is_none()),
        "it is our own business"
    );
}

#[tokio::test]
async fn a_page_without_a_key_is_out_of_date() {
    let shop = Shop::open().await;
    for key in ["", "nonsense", "%0D%0Ax"] {
        let form = format!("step=place&key={key}&{TYPED}");
        let (status, html) = shop.submit("/checkout", &form).await;
        assert_eq!(status, 409, "{key}");
        assert!(html.contains("out of date"), "{key}");
    }
    assert!(shop.bff.received("post", "/orders").await.is_empty());
}

#[tokio::test]
async fn all_that_is_wrong_stands_at_its_field() {
    let shop = Shop::open().await;
    let mut refusal = problem(
        "invalid",
        422,
        "",
        "#/email",
        "Please type an address like name@example.org.",
    );
    let card = json!({ "pointer": "#/card_number", "detail": "This card number has a typing error." });
    refusal["errors"].as_array_mut().unwrap().push(card);
    shop.refuses("post", "/orders", 422, &refusal).await;
    let (status, html) = shop.submit("/checkout", &place()).await;
    assert_eq!(status, 422);
    check("invalid", &html);
    assert!(
        !html.contains("4242424242424242") && !html.contains("987"),
        "no page holds a card"
    );
}

#[tokio::test]
async fn a_refusal_is_told_and_is_another_intent() {
    for (kind, status, says) in [
        ("card-declined", 402, "Your card was declined"),
        ("out-of-stock", 409, "Somebody was faster"),
        ("total-changed", 409, "The total has changed"),
        ("quote-expired", 409, "This page was open for a while"),
        ("something-new", 409, "The order was not placed"),
    ] {
        let shop = Shop::open().await;
        if kind == "something-new" {
            shop.bff.surprises("post", "/orders", status, kind).await;
        } else {
            let refusal = problem(kind, status, "It was this.", "", "");
            shop.refuses("post", "/orders", status, &refusal).await;
        }
        let (answered, html) = shop.submit("/checkout", &place()).await;
        assert_eq!(answered, status, "{kind}");
        assert!(
            html.contains(says) && html.contains(r#"value="who@example.org""#),
            "{kind}"
        );
        assert!(!html.contains(KEY), "{kind}: the old key would only repeat the refusal");
    }
}

#[tokio::test]
async fn what_is_uncertain_is_tried_again_under_the_same_key() {
    let shop = Shop::open().await;
    shop.refuses("post", "/orders", 503, &json!({})).await;
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
async fn no_bff_no_checkout() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/checkout", 500, &json!({})).await;
    assert_eq!(shop.page("/checkout").await.0, 503);
    let (status, html) = shop.submit("/checkout", &format!("step=update&{TYPED}")).await;
    assert_eq!(status, 503);
    check("later", &html);
    assert!(html.contains("who@example.org"), "nothing typed is lost");
    assert!(
        !html.contains("4242424242424242") && !html.contains("987"),
        "no page holds a card"
    );
}

#[tokio::test]
async fn a_query_without_sense_chooses_nothing() {
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
async fn enter_places_the_order() {
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
        "a form's first button is what Enter does: {first}"
    );
}

#[tokio::test]
async fn a_card_that_is_not_kept_is_told_of() {
    let shop = Shop::open().await;
    let says = "please enter them again";
    let (_, fresh) = shop.page("/checkout").await;
    assert!(!fresh.contains(says));
    let refusal = problem("total-changed", 409, "It was this.", "", "");
    shop.refuses("post", "/orders", 409, &refusal).await;
    for form in [
        format!("step=update&{TYPED}"),
        format!("take=onda-vase-sand:1&{TYPED}"),
        place(),
    ] {
        let (_, html) = shop.submit("/checkout", &form).await;
        assert!(html.contains(says), "{form}");
    }
    let (_, html) = shop.submit("/checkout", "step=update&email=a%40example.org").await;
    assert!(!html.contains(says), "where none was typed none is lost");
}

#[tokio::test]
async fn what_was_ordered_from_another_page_is_shown() {
    let shop = Shop::open().await;
    let order = "01890a5d-ac96-774b-bcce-b302099a8057";
    let mut refusal = problem("cart-ordered", 409, "It was just ordered.", "", "");
    refusal["order"] = json!(order);
    shop.refuses("post", "/orders", 409, &refusal).await;
    let answer = shop.frontend.submit("/checkout", &place()).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], format!("/orders/{order}").as_str());
    refusal["order"] = json!("../nonsense");
    shop.refuses("post", "/orders", 409, &refusal).await;
    assert_eq!(shop.submit("/checkout", &place()).await.0, 409);
}
