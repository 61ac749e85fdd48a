use serde_json::{Value, json};

use crate::{Shop, documented, problem};

const ORDER: &str = "/orders/01890a5d-ac96-774b-bcce-b302099a8057";

#[tokio::test]
async fn accepted_order() {
    let shop = Shop::open().await;
    shop.check(ORDER, 200, "order").await;
    assert_eq!(shop.get(ORDER).await.headers()["cache-control"], "private, no-store");
}

#[tokio::test]
async fn order_in_progress_is_followed_and_a_rejected_one_is_not() {
    let shop = Shop::open().await;
    let mut order = documented("get", "/orders/{id}", 200);
    for (outcome, reason, text) in [
        ("in_progress", json!(null), "Nearly there"),
        ("something-new", json!(null), "Nearly there"),
        (
            "rejected",
            json!("The card was declined."),
            r#"<span class="reason">The card was declined. Nothing was charged.</span>"#,
        ),
    ] {
        order["outcome"] = json!(outcome);
        order["reason"] = reason;
        shop.bff.answers("get", "/orders/{id}", 200, &order).await;
        let (status, html) = shop.page(ORDER).await;
        assert_eq!(status, 200, "{outcome}");
        assert!(html.contains(text), "{outcome}");
        let follows = [
            "<noscript><meta http-equiv=\"refresh\" content=\"2\">",
            "data-component=\"OrderStatus",
        ];
        let is_followed = text == "Nearly there";
        assert!(
            follows.iter().all(|way| html.contains(way) == is_followed),
            "{outcome}: {html}"
        );
    }
}

#[tokio::test]
async fn rejected_order_says_once_that_nothing_was_charged() {
    let shop = Shop::open().await;
    let cancelled = documented("post", "/orders/{id}/cancellation", 200)["reason"].clone();
    let replaced = json!("You placed a new order before this one was paid. Nothing was charged for this one.");
    let mut order = documented("get", "/orders/{id}", 200);
    order["outcome"] = json!("rejected");
    for reason in [cancelled, replaced, json!("The card was declined."), json!(null)] {
        order["reason"] = reason;
        shop.bff.answers("get", "/orders/{id}", 200, &order).await;
        let (_, html) = shop.page(ORDER).await;
        assert_eq!(html.matches("Nothing was charged").count(), 1, "{html}");
        assert!(html.contains(order["reason"].as_str().unwrap_or_default()), "{html}");
    }
}

#[tokio::test]
async fn order_awaiting_the_bank_links_to_it() {
    let shop = Shop::open().await;
    let mut order = documented("get", "/orders/{id}", 200);
    order["outcome"] = json!("in_progress");
    order["redirect_url"] = json!("https://bank.example/ask?a=1&b=2");
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    let (_, html) = shop.page(ORDER).await;
    assert!(html.contains("<h1 data-outcome=\"awaiting_bank\">"), "{html}");
    for other in ["in_progress", "accepted", "rejected"] {
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
async fn pickup_order() {
    let shop = Shop::open().await;
    let mut order = documented("get", "/orders/{id}", 200);
    order["shipping"] = json!({
        "method": "pickup", "name": "Pick up in a shop", "days": "Ready in 1–2 days",
        "price": { "minor": 0, "currency": "EUR" },
    });
    order["address"]["line1"] = json!("Stoa Berlin, Auguststraße 26");
    // Optional data is missing.
    order["lines"][0]["slug"] = json!(null);
    order["lines"][0]["picture"] = json!(null);
    order["country"] = json!(null);
    shop.bff.answers("get", "/orders/{id}", 200, &order).await;
    shop.check(ORDER, 200, "order-pickup").await;
}

#[tokio::test]
async fn unknown_path_or_order_is_not_found() {
    let shop = Shop::open().await;
    shop.check("/nothing", 404, "not-found").await;
    let rejection = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.rejects("get", "/orders/{id}", 404, &rejection).await;
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
async fn order_page_needs_the_bff() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/orders/{id}", 500, &json!({})).await;
    assert_eq!(shop.page(ORDER).await.0, 503);
}

/// An order that awaits the bank, as cart and checkout have it.
fn waiting() -> Value {
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "number": "S-7K3M9QXD",
        "total": { "minor": 5290, "currency": "EUR" },
        "redirect_url": "https://bank.example/ask",
    })
}

#[tokio::test]
async fn waiting_order_is_shown_with_its_links() {
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
            "is waiting for your bank’s approval",
            "€52.90",
        ] {
            assert!(html.contains(expected), "{path}: {expected}: {html}");
        }
        assert_eq!(html.contains("To pay another way"), path == "/checkout");
    }
}

#[tokio::test]
async fn waiting_order_can_be_cancelled() {
    let shop = Shop::open().await;
    let path = format!("{ORDER}/cancellation");
    let order = documented("get", "/orders/{id}", 200);
    shop.bff.answers("post", "/orders/{id}/cancellation", 200, &order).await;
    let cancelled = shop.frontend.submit(&path, "").await;
    assert_eq!(
        (
            cancelled.status().as_u16(),
            cancelled.headers()["location"].to_str().unwrap()
        ),
        (303, "/cart")
    );
    for (status, kind) in [(404, "not-found"), (409, "order-decided")] {
        let rejection = problem(kind, status, "It stands.", "", "");
        shop.rejects("post", "/orders/{id}/cancellation", status, &rejection)
            .await;
        let decided = shop.frontend.submit(&path, "").await;
        assert_eq!(decided.headers()["location"], ORDER, "the order page shows its state");
    }
    shop.rejects("post", "/orders/{id}/cancellation", 503, &json!({})).await;
    assert_eq!(shop.submit(&path, "").await.0, 503);
}
