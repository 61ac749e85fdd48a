use reqwest::Method;
use serde_json::{Value, json};
use testkit::CODES;

use crate::neighbours::Fault;
use crate::{KID, claims, kind, pointers, post, pricing_key, request, sign, worlds};

#[tokio::test]
async fn order_has_the_lines_and_amounts_of_its_quote() {
    for (orders, neighbours, _database) in worlds().await {
        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!((status, &order["status"]), (201, &json!("completed")));
        let minors = [
            "/lines/0/total",
            "/lines/1/total",
            "/subtotal",
            "/shipping/price",
            "/tax",
            "/total",
        ]
        .map(|pointer| order.pointer(pointer).unwrap()["minor"].as_i64().unwrap());
        assert_eq!(minors, [2400, 3600, 6000, 1490, 1248, 7490]);
        // The lines have the sequence of the request, not of the quote.
        assert_eq!(order["lines"][0]["title"], "Bowl");
        assert_eq!(order["address"], request()["address"]);
        assert_eq!(
            orders
                .get(&format!("/orders/{}", order["id"].as_str().unwrap()))
                .await
                .1,
            order
        );

        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        let reservation = json!({
            "order": order["id"],
            "lines": [{ "sku": "bowl", "quantity": 1 }, { "sku": "mug", "quantity": 2 }],
            "expires_in_seconds": 1200,
        });
        assert_eq!(neighbours.calls("reserve"), std::slice::from_ref(&reservation));
        let payment = json!({
            "order": order["id"], "amount": order["total"], "payment_method": "pm_1",
            "return_url": format!("http://shop.example/orders/{}", order["id"].as_str().unwrap()),
            "order_number": order["number"], "email": order["email"],
        });
        let mut asked = neighbours.calls("authorise");
        let expires_at = asked[0].as_object_mut().unwrap().remove("expires_at");
        assert!(expires_at.is_some_and(|time| time.is_string()));
        assert_eq!(asked, [payment]);
        // Only the purchased quantities are removed from the cart.
        assert_eq!(neighbours.calls("clear"), [json!({ "lines": reservation["lines"] })]);
    }
}

#[tokio::test]
async fn sku_can_be_any_printable_text() {
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let priced = |sku| json!({ "sku": sku, "quantity": 1, "unit_price": euro(100), "total": euro(100) });
    let mut claims = claims();
    claims["lines"] = json!(CODES.map(priced));
    let mut request = request();
    request["quote"] = json!(sign(&claims, &pricing_key(), KID));
    request["lines"] = json!(CODES.map(|sku| json!({ "sku": sku, "title": "Any" })));
    for (orders, neighbours, _database) in worlds().await {
        let (status, order) = post(&orders, "key", &request).await;
        assert_eq!(status, 201, "{order}");
        let lines = order["lines"].as_array().unwrap().iter();
        assert_eq!(lines.map(|line| &line["sku"]).collect::<Vec<_>>(), CODES);
        let sent = CODES.map(|sku| json!({ "sku": sku, "quantity": 1 }));
        assert_eq!(neighbours.calls("reserve")[0]["lines"], json!(sent));
        assert_eq!(neighbours.calls("clear"), [json!({ "lines": sent })]);
    }
}

#[tokio::test]
async fn order_can_be_placed_without_a_cart() {
    for (orders, neighbours, _database) in worlds().await {
        let mut request = request();
        request["cart"] = Value::Null;
        assert_eq!(post(&orders, "key", &request).await.0, 201);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 0));
    }
}

#[tokio::test]
async fn list_has_each_order_once() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("reserve", &[Fault::Rejects("out-of-stock")]);
        let mut placed = Vec::new();
        for key in ["refused", "one", "two", "three"] {
            let (status, _) = post(&orders, key, &request()).await;
            placed.push(if status == 201 { "completed" } else { "rejected" });
        }
        let (mut listed, mut query) = (Vec::new(), String::new());
        loop {
            let (status, page) = orders.get(&format!("/orders?limit=3{query}")).await;
            assert_eq!(status, 200, "{page}");
            for order in page["items"].as_array().unwrap() {
                assert_eq!(order["in_progress"], false);
                listed.push(order["status"].as_str().unwrap().to_owned());
            }
            let Some(next) = page["next"].as_str() else { break };
            query = format!("&after={next}");
        }
        assert_eq!(listed, placed);
        assert_eq!(orders.get("/orders?after=nonsense").await.0, 400);
        let of_key = async |key: &str| {
            let (_, page) = orders.get(&format!("/orders?key={key}")).await;
            let items = page["items"].as_array().unwrap().iter();
            items
                .map(|order| order["status"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(of_key("refused").await, ["rejected"]);
        assert_eq!(of_key("two").await, ["completed"]);
        for unknown in ["never", "", "%00"] {
            assert!(of_key(unknown).await.is_empty(), "{unknown}");
        }
        for beyond in [0, 101] {
            assert_eq!(orders.get(&format!("/orders?limit={beyond}")).await.0, 400);
        }
    }
}

#[tokio::test]
async fn full_last_page_has_no_next() {
    for (orders, _neighbours, _database) in worlds().await {
        let mut ids = Vec::new();
        for key in ["one", "two", "three", "four"] {
            let (status, order) = post(&orders, key, &request()).await;
            assert_eq!(status, 201, "{order}");
            ids.push(order["id"].clone());
        }
        let first = orders.get("/orders?limit=2").await.1;
        assert_eq!(first["next"], ids[1], "{first}");
        let after = ids[1].as_str().unwrap();
        for page in [format!("/orders?limit=2&after={after}"), "/orders?limit=4".to_owned()] {
            let (_, last) = orders.get(&page).await;
            let items = last["items"].as_array().unwrap();
            assert_eq!(items.last().unwrap()["id"], ids[3], "{last}");
            assert_eq!(last["next"], Value::Null, "{last}");
        }
    }
}

#[tokio::test]
async fn unknown_order_is_not_found() {
    for (orders, ..) in worlds().await {
        for path in [
            "/orders/01890a5d-ac96-774b-bcce-b302099a8057",
            "/orders/1",
            "/orders/%00",
            "/",
        ] {
            let (status, problem) = orders.get(path).await;
            assert_eq!((status.as_u16(), kind(&problem)), (404, "not-found"), "{path}");
        }
    }
}

#[tokio::test]
async fn invalid_fields_are_named() {
    let broken = [
        ("/quote", json!(7), "#/quote"),
        ("/cart", json!("1"), "#/cart"),
        ("/email", json!("ada"), "#/email"),
        ("/email", json!("ada\u{0}@example.org"), "#/email"),
        ("/email", json!("a@b..c"), "#/email"),
        ("/email", json!("ada(home)@example.org"), "#/email"),
        ("/address/name", json!("\u{200b}\u{202e}"), "#/address/name"),
        ("/address/line1", json!("=HYPERLINK(1)"), "#/address/line1"),
        ("/address/line2", json!("@SUM(A1)"), "#/address/line2"),
        ("/address/city", json!("-1"), "#/address/city"),
        ("/address/postal_code", json!("\u{200b}"), "#/address/postal_code"),
        ("/address", Value::Null, "#/address"),
        ("/address/name", json!(""), "#/address/name"),
        ("/address/line1", json!("nul \u{0} byte"), "#/address/line1"),
        ("/address/line2", json!("x".repeat(121)), "#/address/line2"),
        ("/address/postal_code", json!("x".repeat(17)), "#/address/postal_code"),
        ("/address/country", json!("France"), "#/address/country"),
        ("/address/country", json!("DE"), "#/address/country"),
        ("/lines", json!([]), "#/lines"),
        ("/lines/1", json!({ "sku": "vase", "title": "Vase" }), "#/lines/1/sku"),
        ("/lines/1", json!({ "sku": "bowl", "title": "Bowl" }), "#/lines/1/sku"),
        ("/lines/1/sku", json!("no\u{200b}sku"), "#/lines/1/sku"),
        ("/lines/1/title", json!("\n"), "#/lines/1/title"),
        ("/payment_method", json!("4242424242424242"), "#/payment_method"),
        ("/payment_method", json!("pm_\u{0}"), "#/payment_method"),
    ];
    for (orders, neighbours, _database) in worlds().await {
        for (pointer, value, wrong) in &broken {
            let mut body = request();
            *body.pointer_mut(pointer).unwrap() = value.clone();
            let (status, problem) = post(&orders, "key", &body).await;
            assert_eq!(status, 422, "{body}");
            assert_eq!(pointers(&problem).first(), Some(wrong), "{body}");
        }
        assert_eq!(neighbours.state(), (vec![], vec![], 0));
    }
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    for (orders, ..) in worlds().await {
        let without_key = orders.request(Method::POST, "/orders").json(&request());
        assert_eq!(without_key.send().await.unwrap().status(), 400);
        let body = |text: String| {
            let request = orders.request(Method::POST, "/orders").header("idempotency-key", "key");
            request.header("content-type", "application/json").body(text).send()
        };
        assert_eq!(body("{".into()).await.unwrap().status(), 400);
        assert_eq!(body("[]".into()).await.unwrap().status(), 422);
        assert_eq!(body("x".repeat(300 * 1024)).await.unwrap().status(), 413);
        assert_eq!(orders.submit("/orders", "quote=x").await.status(), 400);
        assert_eq!(orders.delete("/orders").await.0, 405);
    }
}
