use reqwest::Method;
use serde_json::{Value, json};
use testkit::wiremock::ResponseTemplate;

use crate::{Shop, documented, keys, problem};

const COOKIE: &str = "cart=9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42; Path=/; HttpOnly";

#[tokio::test]
async fn a_cart() {
    let shop = Shop::open().await;
    shop.check("/cart", 200, "cart").await;
    assert_eq!(shop.get("/cart").await.headers()["cache-control"], "private, no-store");
}

#[tokio::test]
async fn an_empty_cart() {
    let shop = Shop::open().await;
    let empty = json!({ "quantity": 0, "lines": [], "subtotal": null });
    shop.bff.answers("get", "/cart", 200, &empty).await;
    shop.check("/cart", 200, "empty").await;
}

#[tokio::test]
async fn what_is_short_or_unknown_is_told() {
    let shop = Shop::open().await;
    let mut cart = documented("get", "/cart", 200);
    let line = &mut cart["lines"][0];
    line["quantity"] = json!(3);
    line["available"] = json!(false);
    line["left"] = json!(2);
    line["slug"] = Value::Null;
    line["picture"] = Value::Null;
    line["unit_price"] = Value::Null;
    line["total"] = Value::Null;
    line["name"] = json!("<b>Onda</b>");
    cart["subtotal"] = Value::Null;
    shop.bff.answers("get", "/cart", 200, &cart).await;
    shop.check("/cart", 200, "cart-bare").await;
}

#[tokio::test]
async fn the_first_thing_brings_a_cookie() {
    let shop = Shop::open().await;
    let answer = ResponseTemplate::new(200)
        .insert_header("set-cookie", COOKIE)
        .set_body_json(documented("post", "/cart/lines", 200));
    shop.bff.overrule("post", "/cart/lines", answer).await;
    let response = shop
        .frontend
        .submit("/cart/lines", "sku=onda-vase-sand&quantity=2&key=this-view")
        .await;
    assert_eq!(response.status(), 303);
    assert_eq!(
        response.headers()["location"],
        "/cart?begun=yes",
        "whether it is kept is seen there"
    );
    assert_eq!(response.headers()["set-cookie"], COOKIE);
    let sent = shop.bff.received("post", "/cart/lines").await;
    assert_eq!(sent, [json!({ "sku": "onda-vase-sand", "quantity": 2 })]);
}

#[tokio::test]
async fn a_line_changes_and_goes() {
    let shop = Shop::open().await;
    for (form, method, there) in [
        ("quantity=3&was=2", "put", "/cart"),
        ("quantity=0&was=2", "delete", "/cart?removed=onda-vase-sand&quantity=2"),
        (
            "quantity=nonsense&was=<b>&remove=yes",
            "delete",
            "/cart?removed=onda-vase-sand&quantity=1",
        ),
    ] {
        let before = shop.bff.received(method, "/cart/lines").await.len();
        let response = shop.change(form).await;
        assert_eq!(response.status(), 303, "{form}");
        assert_eq!(response.headers()["location"], there, "{form}");
        let after = shop.bff.received(method, "/cart/lines").await.len();
        assert_eq!(after, before + 1, "{form}");
    }
}

/// What the BFF says after the vase was taken out of a cart with nothing else in it.
fn emptied() -> Value {
    json!({
        "quantity": 0, "lines": [], "subtotal": null,
        "removed": { "sku": "onda-vase-sand", "name": "Onda vase", "label": "Sand" },
    })
}

#[tokio::test]
async fn what_was_taken_out_can_come_back() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/cart", 200, &emptied()).await;
    shop.check("/cart?removed=onda-vase-sand&quantity=2", 200, "removed")
        .await;
    for quantity in ["", "0", "-1", "100", "1e3", "%00", "2&quantity=3"] {
        let path = format!("/cart?removed=onda-vase-sand&quantity={quantity}");
        let (status, html) = shop.page(&path).await;
        assert_eq!(status, 200, "{quantity}");
        assert!(html.contains(r#"name="quantity" value="1""#), "{quantity}");
    }
}

#[tokio::test]
async fn a_query_without_sense_asks_for_nothing() {
    let shop = Shop::open().await;
    let huge = "x".repeat(9_000);
    for sku in ["", "%00", "%3Cb%3E", "..", "A", "a%2Cb", &huge, "a&removed=b"] {
        let (status, html) = shop.page(&format!("/cart?removed={sku}&quantity=1")).await;
        assert_eq!(status, 200, "{sku}");
        assert!(!html.contains("no longer in your cart"), "{sku}");
    }
}

/// A cart with a vase that has become cheaper, a mug that has become dearer, and something that is gone.
fn changed_cart() -> Value {
    let mut cart = documented("get", "/cart", 200);
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let vase = cart["lines"][0].clone();
    let (mut mug, mut lost) = (vase.clone(), vase);
    cart["lines"][0]["was"] = euro(5200);
    mug["sku"] = json!("sera-mug-ink");
    mug["quantity"] = json!(2);
    mug["was"] = euro(4500);
    mug["total"] = euro(9600);
    for (field, value) in [
        ("sku", json!("long-forgotten")),
        ("slug", Value::Null),
        ("name", json!("long-forgotten")),
        ("label", json!("")),
        ("picture", Value::Null),
        ("quantity", json!(4)),
        ("unit_price", Value::Null),
        ("total", Value::Null),
        ("available", json!(false)),
        ("left", json!(0)),
        ("gone", json!(true)),
    ] {
        lost[field] = value;
    }
    cart["quantity"] = json!(7);
    cart["lines"].as_array_mut().unwrap().extend([mug, lost]);
    cart["subtotal"] = euro(14400);
    cart
}

#[tokio::test]
async fn what_has_changed_since_it_was_put_in_is_told() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/cart", 200, &changed_cart()).await;
    shop.check("/cart", 200, "cart-changed").await;
    let (_, html) = shop.page("/cart").await;
    assert_eq!(html.matches("class=\"repriced\"").count(), 2);
    assert!(html.contains("3 items"), "what is gone is not counted");
    assert!(!html.contains(r#"href="/checkout""#) && html.contains("Not counted"));
}

#[tokio::test]
async fn where_all_is_gone_there_is_no_way_on() {
    let shop = Shop::open().await;
    let mut cart = changed_cart();
    cart["lines"].as_array_mut().unwrap().drain(..2);
    cart["subtotal"] = Value::Null;
    shop.bff.answers("get", "/cart", 200, &cart).await;
    let (_, html) = shop.page("/cart").await;
    assert!(html.contains("Nothing here is sold any longer.") && html.contains("Remove"));
    assert!(!html.contains(r#"href="/checkout""#) && !html.contains("Subtotal"));
}

#[tokio::test]
async fn the_checkout_tells_it_too() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["cart"] = changed_cart();
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert_eq!(html.matches("class=\"repriced\"").count(), 2);
    assert!(html.contains("Some prices have changed since you filled your cart."));
    assert!(html.contains(r#"name="take" value="long-forgotten:0""#) && html.contains("Leave it out"));
    assert!(!html.contains(r#"value="place""#), "not as long as it is there");
    assert!(html.contains("not in the total. Leave it out to order the rest."));

    view["cart"]["lines"].as_array_mut().unwrap().pop();
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(
        html.contains(r#"value="place""#),
        "another price is no obstacle, when it is told"
    );
    view["cart"] = changed_cart();
    view["cart"]["lines"].as_array_mut().unwrap().drain(..2);
    view["quote"] = Value::Null;
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(html.contains("Nothing here is sold any longer.") && !html.contains(r#"value="place""#));
}

#[tokio::test]
async fn what_cannot_be_bought_has_a_way_out() {
    let shop = Shop::open().await;
    let mut cart = documented("get", "/cart", 200);
    for (left, gone, says) in [
        (0, false, "Sold out"),
        (0, true, "No longer sold"),
        (2, false, "Only 2 left"),
    ] {
        let line = &mut cart["lines"][0];
        line["available"] = json!(false);
        line["left"] = json!(left);
        line["gone"] = json!(gone);
        shop.bff.answers("get", "/cart", 200, &cart).await;
        let (_, html) = shop.page("/cart").await;
        assert!(html.contains(says) && html.contains("Remove"), "{says}");
        assert_eq!(html.contains("Take <!>2"), left == 2, "{says}: {html}");
        assert!(!html.contains(r#"href="/checkout""#), "{says}");
    }
}

#[tokio::test]
async fn a_line_that_went_in_another_window_is_no_error() {
    let shop = Shop::open().await;
    let gone = problem("not-found", 404, "Not in the cart.", "", "");
    shop.refuses("put", "/cart/lines", 404, &gone).await;
    assert_eq!(shop.change("quantity=3").await.status(), 303);
}

#[tokio::test]
async fn a_refusal_stands_at_its_line() {
    let shop = Shop::open().await;
    let refusal = problem(
        "invalid",
        422,
        "That is too much.",
        "#/quantity",
        "Please choose 0 to 99.",
    );
    shop.refuses("put", "/cart/lines", 422, &refusal).await;
    let response = shop.change("quantity=1000000000").await;
    assert_eq!(response.status(), 422);
    let html = response.text().await.unwrap();
    assert!(html.contains(r#"aria-describedby="quantity-0-error""#), "{html}");
    assert!(html.contains("Please choose 0 to 99."));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_cart() {
    let shop = Shop::open().await;
    let refusal = problem(
        "invalid",
        422,
        "We do not know this.",
        "#/sku",
        "There is no such thing.",
    );
    shop.refuses("post", "/cart/lines", 422, &refusal).await;
    for form in ["sku=nothing&quantity=1", "sku=x&quantity=99"] {
        let (status, html) = shop.submit("/cart/lines", form).await;
        assert_eq!(status, 422, "{form}");
        assert!(
            html.contains("There is no such thing.") && html.contains("Your cart"),
            "{form}"
        );
    }
    for form in [
        "",
        "sku=onda-vase-sand",
        "sku=%00&quantity=0",
        "sku=x&quantity=-1",
        "quantity=1e9&sku=x",
        "quantity=99999999999999999999&sku=x",
    ] {
        let (status, html) = shop.submit("/cart/lines", form).await;
        assert_eq!(status, 422, "{form}");
        assert!(html.contains("Please choose 1 to 99."), "{form}");
    }
}

#[tokio::test]
async fn what_cannot_be_in_a_cart_is_not_changed() {
    let shop = Shop::open().await;
    let long = "a".repeat(65);
    for sku in ["", "..", "%00", "%E2%80%AE", "+a", &long] {
        let (status, html) = shop
            .submit("/cart/lines/change", &format!("sku={sku}&quantity=1"))
            .await;
        assert_eq!(status, 422, "{sku}");
        assert!(html.contains("Here is your cart as it is."), "{sku}");
    }
    assert!(shop.bff.received("put", "/cart/lines").await.is_empty());
}

#[tokio::test]
async fn a_view_of_a_form_is_one_intent() {
    let shop = Shop::open().await;
    let form = "sku=onda-vase-sand&quantity=1";
    for key in ["this-view", "this-view", "", "a%0Ab", &"k".repeat(200)] {
        let answer = shop.frontend.submit("/cart/lines", &format!("{form}&key={key}")).await;
        assert_eq!(answer.status(), 303, "{key}");
    }
    let keys = shop.bff.header("post", "/cart/lines", "idempotency-key").await;
    assert_eq!(keys[..2], ["this-view", "this-view"], "sent again, it is the same");
    let others: std::collections::BTreeSet<_> = keys[2..].iter().collect();
    assert_eq!(others.len(), 3, "what cannot be a key is an intent of its own");
}

#[tokio::test]
async fn each_view_of_a_form_has_another_key() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/cart", 200, &emptied()).await;
    let (_, first) = shop.page("/cart?removed=onda-vase-sand").await;
    let (_, second) = shop.page("/cart?removed=onda-vase-sand").await;
    assert_eq!(keys(&first).len(), 1, "{first}");
    assert_ne!(keys(&first), keys(&second));
}

#[tokio::test]
async fn what_was_put_in_before_in_another_number_is_told() {
    let shop = Shop::open().await;
    let refusal = problem("idempotency-key-reused", 422, "Another body.", "", "");
    shop.refuses("post", "/cart/lines", 422, &refusal).await;
    let (status, html) = shop.submit("/cart/lines", "sku=onda-vase-sand&quantity=2&key=k").await;
    assert_eq!(status, 409);
    assert!(
        html.contains("was put into your cart from the same page before"),
        "{html}"
    );
}

#[tokio::test]
async fn a_browser_that_refuses_cookies_is_told_so() {
    let shop = Shop::open().await;
    let (_, html) = shop.page("/cart?begun=yes").await;
    assert!(html.contains("Your browser refuses cookies"), "{html}");
    let known = shop.frontend.request(Method::GET, "/cart?begun=yes");
    let known = known.header("cookie", "theme=dark; cart=1").send().await.unwrap();
    assert_eq!(known.headers()["location"], "/cart");
    let again = shop
        .frontend
        .request(Method::POST, "/cart/lines")
        .header("cookie", "cart=1")
        .header("content-type", "application/x-www-form-urlencoded");
    let again = again.body("sku=onda-vase-sand&quantity=1").send().await.unwrap();
    assert_eq!(again.headers()["location"], "/cart");
}

#[tokio::test]
async fn what_is_no_form_is_a_page_all_the_same() {
    let shop = Shop::open().await;
    let request = shop.frontend.request(Method::POST, "/cart/lines").body("sku=x");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 415);
    assert!(response.text().await.unwrap().contains("<h1>That did not work</h1>"));
    let (status, _) = shop.submit("/cart/lines", "sku=a&sku=b&quantity=1").await;
    assert_eq!(status, 422);
    let huge = format!("quantity=1&sku={}", "a".repeat(3 << 20));
    assert_eq!(shop.submit("/cart/lines", &huge).await.0, 413);
}

#[tokio::test]
async fn no_bff_no_cart() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/cart", 500, &json!({})).await;
    shop.bff.answers("post", "/cart/lines", 500, &json!({})).await;
    shop.check("/cart", 503, "unavailable").await;
    assert_eq!(shop.submit("/cart/lines", "sku=onda-vase-sand&quantity=1").await.0, 503);
}
