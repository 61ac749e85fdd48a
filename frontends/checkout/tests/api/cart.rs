use reqwest::Method;
use serde_json::{Value, json};
use testkit::wiremock::ResponseTemplate;

use crate::{Shop, documented, keys, problem};

const COOKIE: &str = "cart=9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42; Path=/; HttpOnly";

#[tokio::test]
async fn cart_page() {
    let shop = Shop::open().await;
    shop.check("/cart", 200, "cart").await;
    assert_eq!(shop.get("/cart").await.headers()["cache-control"], "private, no-store");
}

#[tokio::test]
async fn empty_cart() {
    let shop = Shop::open().await;
    let empty = json!({ "quantity": 0, "lines": [], "subtotal": null });
    shop.bff.answers("get", "/cart", 200, &empty).await;
    shop.check("/cart", 200, "empty").await;
}

#[tokio::test]
async fn short_line_without_optional_data_is_shown() {
    let shop = Shop::open().await;
    let mut cart = documented("get", "/cart", 200);
    let line = &mut cart["lines"][0];
    line["quantity"] = json!(3);
    line["available"] = json!(false);
    line["remaining"] = json!(2);
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
async fn first_item_sets_the_cookie() {
    let shop = Shop::open().await;
    let answer = ResponseTemplate::new(200)
        .insert_header("set-cookie", COOKIE)
        .set_body_json(documented("post", "/cart/lines", 200));
    shop.bff.responds_with("post", "/cart/lines", answer).await;
    let response = shop
        .frontend
        .submit("/cart/lines", "sku=onda-vase-sand&quantity=2&key=this-view")
        .await;
    assert_eq!(response.status(), 303);
    assert_eq!(
        response.headers()["location"],
        "/cart?begun=yes",
        "the next page checks the cookie"
    );
    assert_eq!(response.headers()["set-cookie"], COOKIE);
    let sent = shop.bff.received("post", "/cart/lines").await;
    assert_eq!(sent, [json!({ "sku": "onda-vase-sand", "quantity": 2 })]);
}

#[tokio::test]
async fn line_is_changed_and_removed() {
    let shop = Shop::open().await;
    for (form, method, location) in [
        ("quantity=3&previous_quantity=2", "put", "/cart"),
        (
            "quantity=0&previous_quantity=2",
            "delete",
            "/cart?removed=onda-vase-sand&quantity=2",
        ),
        (
            "quantity=nonsense&previous_quantity=<b>&remove=yes",
            "delete",
            "/cart?removed=onda-vase-sand&quantity=1",
        ),
    ] {
        let before = shop.bff.received(method, "/cart/lines").await.len();
        let response = shop.change(form).await;
        assert_eq!(response.status(), 303, "{form}");
        assert_eq!(response.headers()["location"], location, "{form}");
        let after = shop.bff.received(method, "/cart/lines").await.len();
        assert_eq!(after, before + 1, "{form}");
    }
}

/// The BFF's response after the only item was removed from the cart.
fn emptied() -> Value {
    json!({
        "quantity": 0, "lines": [], "subtotal": null,
        "removed": { "sku": "onda-vase-sand", "name": "Onda vase", "label": "Sand" },
    })
}

#[tokio::test]
async fn removed_item_can_be_restored() {
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
async fn invalid_query_is_ignored() {
    let shop = Shop::open().await;
    let huge = "x".repeat(9_000);
    for sku in ["", "%00", "%3Cb%3E", "..", "A", "a%2Cb", &huge, "a&removed=b"] {
        let (status, html) = shop.page(&format!("/cart?removed={sku}&quantity=1")).await;
        assert_eq!(status, 200, "{sku}");
        assert!(!html.contains("was removed from your cart"), "{sku}");
    }
}

/// A cart with a vase that has become cheaper, a mug that has become more expensive, and a discontinued item.
fn changed_cart() -> Value {
    let mut cart = documented("get", "/cart", 200);
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let vase = cart["lines"][0].clone();
    let (mut mug, mut discontinued) = (vase.clone(), vase);
    cart["lines"][0]["previous_price"] = euro(5200);
    mug["sku"] = json!("sera-mug-ink");
    mug["quantity"] = json!(2);
    mug["previous_price"] = euro(4500);
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
        ("remaining", json!(0)),
        ("discontinued", json!(true)),
    ] {
        discontinued[field] = value;
    }
    cart["quantity"] = json!(7);
    cart["lines"].as_array_mut().unwrap().extend([mug, discontinued]);
    cart["subtotal"] = euro(14400);
    cart
}

#[tokio::test]
async fn changed_prices_and_discontinued_items_are_shown() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/cart", 200, &changed_cart()).await;
    shop.check("/cart", 200, "cart-changed").await;
    let (_, html) = shop.page("/cart").await;
    assert_eq!(html.matches("class=\"repriced\"").count(), 2);
    assert!(html.contains("3 items"), "without the discontinued item");
    assert!(!html.contains(r#"href="/checkout""#) && html.contains("Not in the total"));
}

#[tokio::test]
async fn cart_of_discontinued_items_cannot_be_checked_out() {
    let shop = Shop::open().await;
    let mut cart = changed_cart();
    cart["lines"].as_array_mut().unwrap().drain(..2);
    cart["subtotal"] = Value::Null;
    shop.bff.answers("get", "/cart", 200, &cart).await;
    let (_, html) = shop.page("/cart").await;
    assert!(html.contains("None of these items is available any more.") && html.contains("Remove"));
    assert!(!html.contains(r#"href="/checkout""#) && !html.contains("Subtotal"));
}

#[tokio::test]
async fn checkout_shows_changed_prices_and_discontinued_items() {
    let shop = Shop::open().await;
    let mut view = documented("get", "/checkout", 200);
    view["cart"] = changed_cart();
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert_eq!(html.matches("class=\"repriced\"").count(), 2);
    assert!(html.contains("Some prices have changed since you added the items."));
    assert!(html.contains(r#"name="set_quantity" value="long-forgotten:0""#) && html.contains("Remove"));
    assert!(!html.contains(r#"value="place""#), "not with the discontinued item");
    assert!(html.contains("not in the total. Please remove them to place your order."));

    view["cart"]["lines"].as_array_mut().unwrap().pop();
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(
        html.contains(r#"value="place""#),
        "a changed price does not prevent the order"
    );
    view["cart"] = changed_cart();
    view["cart"]["lines"].as_array_mut().unwrap().drain(..2);
    view["quote"] = Value::Null;
    shop.bff.answers("get", "/checkout", 200, &view).await;
    let (_, html) = shop.page("/checkout").await;
    assert!(html.contains("None of these items is available any more.") && !html.contains(r#"value="place""#));
}

#[tokio::test]
async fn unavailable_line_can_be_changed_or_removed() {
    let shop = Shop::open().await;
    let mut cart = documented("get", "/cart", 200);
    for (remaining, discontinued, text) in [
        (0, false, "Sold out"),
        (0, true, "No longer available"),
        (2, false, "Only 2 left"),
    ] {
        let line = &mut cart["lines"][0];
        line["available"] = json!(false);
        line["remaining"] = json!(remaining);
        line["discontinued"] = json!(discontinued);
        shop.bff.answers("get", "/cart", 200, &cart).await;
        let (_, html) = shop.page("/cart").await;
        assert!(html.contains(text) && html.contains("Remove"), "{text}");
        assert_eq!(html.contains("Change to <!>2"), remaining == 2, "{text}: {html}");
        assert!(!html.contains(r#"href="/checkout""#), "{text}");
    }
}

#[tokio::test]
async fn line_removed_in_another_window_is_no_error() {
    let shop = Shop::open().await;
    let rejection = problem("not-found", 404, "Not in the cart.", "", "");
    shop.rejects("put", "/cart/lines", 404, &rejection).await;
    assert_eq!(shop.change("quantity=3").await.status(), 303);
}

#[tokio::test]
async fn error_is_shown_at_its_line() {
    let shop = Shop::open().await;
    let rejection = problem(
        "invalid",
        422,
        "That is too much.",
        "#/quantity",
        "Please choose a quantity from 0 to 99.",
    );
    shop.rejects("put", "/cart/lines", 422, &rejection).await;
    let response = shop.change("quantity=1000000000").await;
    assert_eq!(response.status(), 422);
    let html = response.text().await.unwrap();
    assert!(html.contains(r#"aria-describedby="quantity-0-error""#), "{html}");
    assert!(html.contains("Please choose a quantity from 0 to 99."));
}

#[tokio::test]
async fn rejected_item_is_shown_with_the_cart() {
    let shop = Shop::open().await;
    let rejection = problem(
        "invalid",
        422,
        "We do not know this.",
        "#/sku",
        "We do not sell this item.",
    );
    shop.rejects("post", "/cart/lines", 422, &rejection).await;
    for form in ["sku=nothing&quantity=1", "sku=x&quantity=99"] {
        let (status, html) = shop.submit("/cart/lines", form).await;
        assert_eq!(status, 422, "{form}");
        assert!(
            html.contains("We do not sell this item.") && html.contains("Your cart"),
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
        assert!(html.contains("Please choose a quantity from 1 to 99."), "{form}");
    }
}

#[tokio::test]
async fn invalid_sku_is_not_changed() {
    let shop = Shop::open().await;
    let long = "a".repeat(65);
    for sku in ["", "..", "%00", "%E2%80%AE", "+a", &long] {
        let (status, html) = shop
            .submit("/cart/lines/change", &format!("sku={sku}&quantity=1"))
            .await;
        assert_eq!(status, 422, "{sku}");
        assert!(html.contains("We could not tell which item to change."), "{sku}");
    }
    assert!(shop.bff.received("put", "/cart/lines").await.is_empty());
}

#[tokio::test]
async fn form_passes_its_idempotency_key_on() {
    let shop = Shop::open().await;
    let form = "sku=onda-vase-sand&quantity=1";
    for key in ["this-view", "this-view", "", "a%0Ab", &"k".repeat(200)] {
        let answer = shop.frontend.submit("/cart/lines", &format!("{form}&key={key}")).await;
        assert_eq!(answer.status(), 303, "{key}");
    }
    let keys = shop.bff.header("post", "/cart/lines", "idempotency-key").await;
    assert_eq!(keys[..2], ["this-view", "this-view"], "the form's key");
    let others: std::collections::BTreeSet<_> = keys[2..].iter().collect();
    assert_eq!(others.len(), 3, "an invalid key is replaced");
}

#[tokio::test]
async fn each_view_of_a_form_has_its_own_key() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/cart", 200, &emptied()).await;
    let (_, first) = shop.page("/cart?removed=onda-vase-sand").await;
    let (_, second) = shop.page("/cart?removed=onda-vase-sand").await;
    assert_eq!(keys(&first).len(), 1, "{first}");
    assert_ne!(keys(&first), keys(&second));
}

#[tokio::test]
async fn reused_key_with_another_quantity_is_explained() {
    let shop = Shop::open().await;
    let rejection = problem("idempotency-key-reused", 422, "Another body.", "", "");
    shop.rejects("post", "/cart/lines", 422, &rejection).await;
    let (status, html) = shop.submit("/cart/lines", "sku=onda-vase-sand&quantity=2&key=k").await;
    assert_eq!(status, 409);
    assert!(html.contains("You have already added this item"), "{html}");
}

#[tokio::test]
async fn browser_without_cookies_is_told_so() {
    let shop = Shop::open().await;
    let (_, html) = shop.page("/cart?begun=yes").await;
    assert!(html.contains("Your browser blocks cookies"), "{html}");
    let with_cookie = shop.frontend.request(Method::GET, "/cart?begun=yes");
    let with_cookie = with_cookie.header("cookie", "theme=dark; cart=1").send().await.unwrap();
    assert_eq!(with_cookie.headers()["location"], "/cart");
    let again = shop
        .frontend
        .request(Method::POST, "/cart/lines")
        .header("cookie", "cart=1")
        .header("content-type", "application/x-www-form-urlencoded");
    let again = again.body("sku=onda-vase-sand&quantity=1").send().await.unwrap();
    assert_eq!(again.headers()["location"], "/cart");
}

#[tokio::test]
async fn unreadable_form_is_answered_with_a_page() {
    let shop = Shop::open().await;
    let request = shop.frontend.request(Method::POST, "/cart/lines").body("sku=x");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 415);
    assert!(response.text().await.unwrap().contains("<h1>Something went wrong</h1>"));
    let (status, _) = shop.submit("/cart/lines", "sku=a&sku=b&quantity=1").await;
    assert_eq!(status, 422);
    let huge = format!("quantity=1&sku={}", "a".repeat(3 << 20));
    assert_eq!(shop.submit("/cart/lines", &huge).await.0, 413);
}

#[tokio::test]
async fn cart_page_needs_the_bff() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/cart", 500, &json!({})).await;
    shop.bff.answers("post", "/cart/lines", 500, &json!({})).await;
    shop.check("/cart", 503, "unavailable").await;
    assert_eq!(shop.submit("/cart/lines", "sku=onda-vase-sand&quantity=1").await.0, 503);
}
