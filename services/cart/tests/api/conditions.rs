use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Running;

use crate::{Shop, add, create, lines, open, pointers, send, shops};

/// Adds a line with an idempotency key.
async fn keyed(carts: &Running, cart: &str, key: &str, line: &Value) -> (u16, Value) {
    let (status, answer) = carts.post(&format!("{cart}/lines"), key, line).await;
    (status.as_u16(), answer)
}

#[tokio::test]
async fn repeated_key_adds_once() {
    for Shop { carts, clock, .. } in &shops().await {
        let cart = create(carts).await;
        let mugs = json!({ "sku": "mug", "quantity": 2 });
        let first = keyed(carts, &cart, "key-1", &mugs).await;
        assert_eq!((first.0, lines(&first.1)), (200, vec![("mug", 2)]));
        clock.advance(TimeDelta::minutes(59));
        assert_eq!(keyed(carts, &cart, "key-1", &mugs).await, first);
        let dearer = json!({ "sku": "mug", "quantity": 2, "unit_price": { "minor": 1, "currency": "EUR" } });
        assert_eq!(keyed(carts, &cart, "key-1", &dearer).await, first);
        for other in [
            json!({ "sku": "mug", "quantity": 1 }),
            json!({ "sku": "bowl", "quantity": 2 }),
        ] {
            let (status, problem) = keyed(carts, &cart, "key-1", &other).await;
            assert_eq!(
                (status, &problem["type"]),
                (422, &json!("urn:problem:idempotency-key-reused"))
            );
        }
        let (_, answer) = keyed(carts, &cart, "key-2", &mugs).await;
        assert_eq!(lines(&answer), [("mug", 4)]);
        // The answer is the current cart, which was emptied since.
        send(carts, Method::DELETE, &format!("{cart}/lines"), None).await;
        assert_eq!(lines(&keyed(carts, &cart, "key-2", &mugs).await.1), []);
        // Keys belong to one cart.
        let other = create(carts).await;
        assert_eq!(lines(&keyed(carts, &other, "key-1", &mugs).await.1), [("mug", 2)]);
    }
}

#[tokio::test]
async fn rejected_addition_can_be_repeated_with_its_key() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        add(carts, &cart, "mug", 99).await;
        let mug = json!({ "sku": "mug", "quantity": 1 });
        assert_eq!(keyed(carts, &cart, "key-1", &mug).await.0, 422);
        send(carts, Method::DELETE, &format!("{cart}/lines/mug"), None).await;
        assert_eq!(lines(&keyed(carts, &cart, "key-1", &mug).await.1), [("mug", 1)]);
        for key in ["", "two words", &"x".repeat(129)] {
            assert_eq!(keyed(carts, &cart, key, &mug).await.0, 400, "{key}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_with_one_key_add_once() {
    let mut services = Vec::new();
    for shop in shops().await {
        let second = match shop.redis {
            Some(_) => Some(open(&shop.url, &shop.clock).await),
            None => None,
        };
        services.push((shop, second));
    }
    for (shop, second) in &services {
        let cart = create(&shop.carts).await;
        let mut adding = Vec::new();
        for number in 0..40 {
            let replica = second.as_ref().filter(|_| number % 2 == 1).unwrap_or(&shop.carts);
            let request = replica.request(Method::POST, &format!("{cart}/lines"));
            let request = request.header("idempotency-key", format!("key-{}", number % 4));
            adding.push(tokio::spawn(
                request.json(&json!({ "sku": "mug", "quantity": 3 })).send(),
            ));
        }
        for added in adding {
            assert_eq!(added.await.unwrap().unwrap().status(), 200);
        }
        assert_eq!(lines(&shop.carts.get(&cart).await.1), [("mug", 12)]);
    }
}

/// Sends a request with `If-Match`, and returns the status, the body and the `ETag`.
async fn matching(
    carts: &Running,
    (method, path): (Method, &str),
    tag: &str,
    body: Option<&Value>,
) -> (u16, Value, Option<String>) {
    let mut request = carts.request(method, path).header("if-match", tag);
    if let Some(body) = body {
        request = request.json(body);
    }
    let response = request.send().await.unwrap();
    let tag = response.headers().get("etag");
    let tag = tag.map(|tag| tag.to_str().unwrap().to_owned());
    (response.status().as_u16(), response.json().await.unwrap(), tag)
}

#[tokio::test]
async fn if_match_rejects_another_version() {
    for Shop { carts, .. } in &shops().await {
        let (cart, other) = (create(carts).await, create(carts).await);
        add(carts, &other, "bowl", 1).await;
        let (all, line) = (format!("{cart}/lines"), format!("{cart}/lines/mug"));
        let merge = format!("{cart}/merge");
        let (mug, amount) = (json!({ "sku": "mug", "quantity": 1 }), json!({ "quantity": 5 }));
        let from = json!({ "from": other.trim_start_matches("/carts/") });
        let changes = [
            (Method::POST, &all, Some(&mug)),
            (Method::PUT, &line, Some(&amount)),
            (Method::POST, &merge, Some(&from)),
            (Method::DELETE, &line, None),
            (Method::DELETE, &all, None),
        ];
        for (version, (method, path, body)) in changes.into_iter().enumerate() {
            for stale in [version + 1, version + 100] {
                let tag = format!("\"{stale}\"");
                let (status, problem, _) = matching(carts, (method.clone(), path), &tag, body).await;
                let kind = &problem["type"];
                assert_eq!((status, kind), (412, &json!("urn:problem:version-mismatch")), "{path}");
            }
            let weak = format!("W/\"{version}\"");
            assert_eq!(matching(carts, (method.clone(), path), &weak, body).await.0, 412);
            assert_eq!(matching(carts, (method.clone(), path), "nonsense", body).await.0, 400);
            let response = carts.request(Method::GET, &cart).send().await.unwrap();
            let seen = response.headers()["etag"].to_str().unwrap().to_owned();
            assert_eq!(seen, format!("\"{version}\""));
            let (status, _, tag) = matching(carts, (method, path), &seen, body).await;
            assert_eq!((status, tag), (200, Some(format!("\"{}\"", version + 1))), "{path}");
        }
        assert_eq!(matching(carts, (Method::POST, &all), "*", Some(&mug)).await.0, 200);
        // A merge that was done before needs no version.
        assert_eq!(
            matching(carts, (Method::POST, &merge), "\"2\"", Some(&from)).await.0,
            200
        );
    }
}

#[tokio::test]
async fn repeated_key_ignores_an_outdated_if_match() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        let all = format!("{cart}/lines");
        for _ in 0..2 {
            let request = carts.request(Method::POST, &all).header("if-match", "\"0\"");
            let request = request.header("idempotency-key", "key-1");
            let answer = request
                .json(&json!({ "sku": "mug", "quantity": 1 }))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200);
        }
        assert_eq!(lines(&carts.get(&cart).await.1), [("mug", 1)]);
    }
}

#[tokio::test]
async fn first_unit_price_of_a_line_is_kept() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        let all = format!("{cart}/lines");
        let priced =
            |minor: i64| json!({ "sku": "mug", "quantity": 1, "unit_price": { "minor": minor, "currency": "EUR" } });
        add(carts, &cart, "mug", 1).await;
        let put = async |minor: i64| send(carts, Method::POST, &all, Some(&priced(minor))).await;
        let (_, answer) = put(1200).await;
        assert_eq!(
            answer["lines"][0]["unit_price"],
            json!({ "minor": 1200, "currency": "EUR" })
        );
        assert_eq!(
            put(1500).await.1["lines"][0]["unit_price"]["minor"],
            1200,
            "the first price is kept"
        );
        let amount = json!({ "quantity": 7 });
        let (_, answer) = send(carts, Method::PUT, &format!("{all}/mug"), Some(&amount)).await;
        assert_eq!(answer["lines"][0]["unit_price"]["minor"], 1200);
        let (status, problem) = put(-1).await;
        assert_eq!((status, pointers(&problem)), (422, vec!["#/unit_price"]));
        let unknown = json!({ "sku": "mug", "quantity": 1, "unit_price": { "minor": 1, "currency": "XXX" } });
        let (status, problem) = send(carts, Method::POST, &all, Some(&unknown)).await;
        assert_eq!((status, pointers(&problem)), (422, vec!["#/unit_price/currency"]));

        let other = create(carts).await;
        let from = json!({ "from": cart.trim_start_matches("/carts/") });
        let (_, answer) = send(carts, Method::POST, &format!("{other}/merge"), Some(&from)).await;
        assert_eq!(answer["lines"][0]["unit_price"]["minor"], 1200);
    }
}
