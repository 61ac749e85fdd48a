use reqwest::Method;
use serde_json::{Value, json};
use testkit::Running;

use crate::{Shop, add, create, lines, open, pointers, shops};

const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

async fn record_order(carts: &Running, cart: &str, order: &str, lines: &[(&str, i64)]) -> (u16, Value) {
    let line = |(sku, quantity): &(&str, i64)| json!({ "sku": sku, "quantity": quantity });
    let body = json!({ "lines": lines.iter().map(line).collect::<Vec<_>>() });
    let (status, answer) = carts.put(&format!("{cart}/orders/{order}"), &body).await;
    (status.as_u16(), answer)
}

#[tokio::test]
async fn order_removes_its_units_and_later_additions_stay() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        add(carts, &cart, "mug", 2).await;
        add(carts, &cart, "bowl", 1).await;
        // Added while the order is being paid.
        add(carts, &cart, "mug", 3).await;
        add(carts, &cart, "vase", 1).await;
        for _ in 0..3 {
            let (status, answer) = record_order(carts, &cart, ORDER, &[("mug", 2), ("bowl", 1), ("lamp", 1)]).await;
            assert_eq!((status, lines(&answer)), (200, vec![("mug", 3), ("vase", 1)]));
            assert_eq!(answer["version"], 5);
        }
        let another = "01890a5d-ac96-774b-bcce-b302099a8058";
        let (_, answer) = record_order(carts, &cart, another, &[("mug", 9)]).await;
        assert_eq!(lines(&answer), [("vase", 1)]);
        // The cart remembers the order.
        add(carts, &cart, "mug", 2).await;
        assert_eq!(
            lines(&record_order(carts, &cart, ORDER, &[("mug", 2)]).await.1),
            [("vase", 1), ("mug", 2)]
        );
    }
}

#[tokio::test]
async fn invalid_order_lines_are_rejected() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        for (line, pointer) in [
            (("mug", 0), "#/lines/0/quantity"),
            (("mug", 100), "#/lines/0/quantity"),
            ((" mug", 1), "#/lines/0/sku"),
        ] {
            let (status, problem) = record_order(carts, &cart, ORDER, &[line]).await;
            assert_eq!((status, pointers(&problem)), (422, vec![pointer]));
        }
        for path in [&cart, "/carts/9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42"] {
            let order = if *path == cart { "1" } else { ORDER };
            assert_eq!(record_order(carts, path, order, &[("mug", 1)]).await.0, 404, "{path}");
        }
    }
}

/// Two replicas receive the same order many times, while a tab adds more of the ordered SKU.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn order_removes_its_units_once_while_more_are_added() {
    for shop in &shops().await {
        let second = match shop.redis {
            Some(_) => Some(open(&shop.url, &shop.clock).await),
            None => None,
        };
        let (carts, cart) = (&shop.carts, create(&shop.carts).await);
        add(carts, &cart, "mug", 5).await;
        let mut requests = Vec::new();
        for number in 0..40 {
            let replica = second.as_ref().filter(|_| number % 4 < 2).unwrap_or(carts);
            let request = match number % 2 {
                0 => replica
                    .request(Method::PUT, &format!("{cart}/orders/{ORDER}"))
                    .json(&json!({ "lines": [{ "sku": "mug", "quantity": 5 }] })),
                _ => replica
                    .request(Method::POST, &format!("{cart}/lines"))
                    .json(&json!({ "sku": "mug", "quantity": 1 })),
            };
            requests.push(tokio::spawn(request.send()));
        }
        for request in requests {
            assert_eq!(request.await.unwrap().unwrap().status(), 200);
        }
        assert_eq!(lines(&carts.get(&cart).await.1), [("mug", 20)]);
    }
}
