use serde_json::{Value, json};

use crate::{Shop, documented, problem};

const ORDER: &str = "/orders/01890a5d-ac96-774b-bcce-b302099a8057";

#[tokio::test]
async fn an_order_that_stands() {
    let shop = Shop::open().await;
    shop.check(ORDER, 200, "order").await;
    assert_eq!(shop.get(ORDER).await.headers()["cache-control"], "private, no-store");
}

#[tokio::test]
async fn an_order_under_way_or_refused() {
    let shop = Shop::open().await;
    let mut order = documented("get", "/orders/{id}", 200);
    for (outcome, reason, says) in [
        ("underway", json!(null), "Nearly there"),
        ("something-new", json!(null), "Nearly there"),
        (
            "refused",
            json!("The card was declined."),
            r#"<span class="reason">The card was declined.</span> Nothing was charged."#,
        ),
    ] {
        order["outcome"] = json!(outcome);
        order["reason"] = reason;
        shop.bff.answers("get", "/orders/{id}", 200, &order).await;
        let (status, html) = shop.page(ORDER).await;
        assert_eq!(status, 200, "{outcome}");
        assert!(html.contains(says), "{outcome}");
        let follows = [
            "<noscript><meta http-equiv=\"refresh\" content=\"2\">",
            "data-component=\"OrderStatus",
        ];
        let is_followed = says == "Nearly there";
        assert!(
            follows.iter().all(|way| html.contains(way) == is_followed),
            "{outcome}: {html}"
        );
    }
}

#[tokio::test]
async fn an_order_whose_bank_asks() {
    let shop = Shop::open().await;
    let mut order = documented("get", "/orders/{id}", 200);
    order["outcome"] = json!("underway");
    order["action"] = json!("https://bank.example/ask?a=1&b=2");
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    let (_, html) = shop.page(ORDER).await;
    assert!(html.contains("<h1 data-outcome=\"asks\">"), "{html}");
    for other in ["underway", "accepted", "refused"] {
        assert!(
            html.contains(&format!("<h1 data-outcome=\"{other}\" hidden>")),
            "{other}: {html}"
        );
    }
    assert!(
        html.contains(r#"href="https://bank.example/ask?a=1&amp;b=2""#),
        "{html}"
    );
}

#[tokio::test]
async fn an_order_that_is_picked_up() {
    let shop = Shop::open().await;
    let mut order = documented("get", "/orders/{id}", 200);
    order["shipping"] = json!({
        "method": "pickup", "name": "Pick up in a shop", "days": "Ready in 1–2 days",
        "price": { "minor": 0, "currency": "EUR" },
    });
    order["address"]["line1"] = json!("Stoa Berlin, Auguststraße 26");
    // Nothing beside the order itself is known.
    order["lines"][0]["slug"] = json!(null);
    order["lines"][0]["picture"] = json!(null);
    order["country"] = json!(null);
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    shop.check(ORDER, 200, "order-pickup").await;
}

#[tokio::test]
async fn nothing_at_this_address() {
    let shop = Shop::open().await;
    shop.check("/nothing", 404, "missing").await;
    let refusal = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.refuses("get", "/orders/{id}", 404, &refusal).await;
    for path in [
        ORDER,
        "/orders/nonsense",
        "/orders/..%2Fcart",
        "/orders/%FF",
        "/orders/",
    ] {
        assert_eq!(shop.page(path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn no_bff_no_order() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/orders/{id}", 500, &json!({})).await;
    assert_eq!(shop.page(ORDER).await.0, 503);
}

/// An order that waits for its bank, as the cart and the checkout tell of it.
fn waiting() -> Value {
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "number": "S-7K3M9QXD",
        "total": { "minor": 5290, "currency": "EUR" },
        "action": "https://bank.example/ask",
    })
}

#[tokio::test]
async fn an_order_that_waits_is_shown_with_its_ways_out() {
    let shop = Shop::open().await;
    let empty = json!({ "quantity": 0, "lines": [], "subtotal": null, "waiting_order": waiting() });
    let mut cart = documented("get", "/cart", 200);
    cart["waiting_order"] = waiting();
    let mut checkout = documented("get", "/checkout", 200);
    checkout["waiting_order"] = waiting();
    for (path, view) in [("/cart", empty), ("/cart", cart), ("/checkout", checkout)] {
        shop.bff.answers("get", path, 200, &view).await;
        let (_, html) = shop.page(path).await;
        for expected in [
            &*format!(r#"href="{ORDER}""#),
            r#"href="https://bank.example/ask""#,
            &*format!(r#"action="{ORDER}/cancellation""#),
            "waits for your bank",
            "€52.90",
        ] {
            assert!(html.contains(expected), "{path}: {expected}: {html}");
        }
        assert_eq!(html.contains("To pay otherwise"), path == "/checkout");
    }
}

#[tokio::test]
async fn an_order_that_waits_can_be_given_up() {
    let shop = Shop::open().await;
    let path = format!("{ORDER}/cancellation");
    let order = documented("get", "/orders/{id}", 200);
    shop.bff.answers("post", "/orders/{id}/cancellation", 200, &order).await;
    let given_up = shop.frontend.submit(&path, "").await;
    assert_eq!(
        (
            given_up.status().as_u16(),
            given_up.headers()["location"].to_str().unwrap()
        ),
        (303, "/cart")
    );
    for (status, kind) in [(404, "not-found"), (409, "order-decided")] {
        let refusal = problem(kind, status, "It stands.", "", "");
        shop.refuses("post", "/orders/{id}/cancellation", status, &refusal)
            .await;
        let decided = shop.frontend.submit(&path, "").await;
        assert_eq!(decided.headers()["location"], ORDER, "its page tells what it is");
    }
    shop.refuses("post", "/orders/{id}/cancellation", 503, &json!({})).await;
    assert_eq!(shop.submit(&path, "").await.0, 503);
}
