use reqwest::Method;
use serde_json::json;
use testkit::{CODES, encoded};

use crate::{Shop, add, create, lines, pointers, set, shops};

#[tokio::test]
async fn lines_keep_the_order_in_which_they_were_added() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        add(carts, &cart, "vase", 1).await;
        add(carts, &cart, "mug", 2).await;
        let (_, answer) = add(carts, &cart, "vase", 3).await;
        assert_eq!(lines(&answer), [("vase", 4), ("mug", 2)]);
        assert_eq!((&answer["quantity"], &answer["version"]), (&json!(6), &json!(3)));
        assert_eq!(carts.get(&cart).await.1, answer);
    }
}

#[tokio::test]
async fn setting_a_quantity_replaces_it_and_zero_removes_the_line() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        add(carts, &cart, "mug", 2).await;
        assert_eq!(lines(&set(carts, &cart, "mug", 99).await.1), [("mug", 99)]);
        let (status, answer) = set(carts, &cart, "bowl", 1).await;
        assert_eq!((status, lines(&answer)), (200, vec![("mug", 99), ("bowl", 1)]));
        assert_eq!(lines(&set(carts, &cart, "mug", 0).await.1), [("bowl", 1)]);
        assert_eq!(lines(&set(carts, &cart, "mug", 0).await.1), [("bowl", 1)]);
    }
}

#[tokio::test]
async fn any_printable_text_is_a_valid_sku() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        for sku in CODES {
            assert_eq!(add(carts, &cart, sku, 1).await.0, 200, "{sku}");
        }
        for (quantity, sku) in (2..).zip(CODES) {
            assert_eq!(set(carts, &cart, sku, quantity).await.0, 200, "{sku}");
        }
        let (_, full) = carts.get(&cart).await;
        let all: Vec<_> = CODES.into_iter().zip(2..).collect();
        assert_eq!(lines(&full), all);
        for (index, sku) in CODES.into_iter().enumerate() {
            let (_, rest) = carts.delete(&format!("{cart}/lines/{}", encoded(sku))).await;
            assert_eq!(lines(&rest), all[index + 1..], "{sku}");
        }
    }
}

#[tokio::test]
async fn repeated_removal_changes_nothing() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        add(carts, &cart, "mug", 2).await;
        add(carts, &cart, "bowl", 2).await;
        for _ in 0..2 {
            let (status, answer) = carts.delete(&format!("{cart}/lines/mug")).await;
            assert_eq!(
                (status.as_u16(), lines(&answer), &answer["version"]),
                (200, vec![("bowl", 2)], &json!(3))
            );
        }
        for _ in 0..2 {
            let (status, answer) = carts.delete(&format!("{cart}/lines")).await;
            assert_eq!(
                (status.as_u16(), lines(&answer), &answer["version"]),
                (200, vec![], &json!(4))
            );
        }
    }
}

#[tokio::test]
async fn cart_has_at_most_50_lines_of_99_units() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        for number in 0..50 {
            assert_eq!(add(carts, &cart, &format!("mug-{number}"), 98).await.0, 200);
        }
        let (status, problem) = add(carts, &cart, "mug-50", 1).await;
        assert_eq!((status, pointers(&problem)), (422, vec!["#/sku"]));
        let (status, problem) = set(carts, &cart, "mug-50", 1).await;
        assert_eq!((status, pointers(&problem)), (422, vec!["#/sku"]));
        let (status, problem) = add(carts, &cart, "mug-7", 2).await;
        assert_eq!((status, pointers(&problem)), (422, vec!["#/quantity"]));
        assert_eq!(
            problem["errors"][0]["detail"],
            "The cart has 98 of this already, and the maximum is 99."
        );
        let (status, answer) = add(carts, &cart, "mug-7", 1).await;
        assert_eq!((status, &answer["quantity"]), (200, &json!(50 * 98 + 1)));
    }
}

#[tokio::test]
async fn invalid_line_fields_are_named() {
    for Shop { carts, .. } in &shops().await {
        let cart = create(carts).await;
        for quantity in [0, -1, 100, 1_000_000_000, i64::MAX, i64::MIN] {
            let (status, problem) = add(carts, &cart, "mug", quantity).await;
            assert_eq!((status, pointers(&problem)), (422, vec!["#/quantity"]), "{quantity}");
            if quantity != 0 {
                let (status, problem) = set(carts, &cart, "mug", quantity).await;
                assert_eq!((status, pointers(&problem)), (422, vec!["#/quantity"]), "{quantity}");
            }
        }
        for sku in ["", " mug", "mug\0", "..", "mug\u{200b}", &"x".repeat(65)] {
            let (status, problem) = add(carts, &cart, sku, 1).await;
            assert_eq!((status, pointers(&problem)), (422, vec!["#/sku"]), "{sku}");
        }
        for sku in [" mug", "mug\0", "mug\u{200b}"] {
            assert_eq!(set(carts, &cart, sku, 1).await.0, 404, "{sku}");
        }
        assert_eq!(lines(&carts.get(&cart).await.1), []);
    }
}

#[tokio::test]
async fn malformed_line_requests_are_rejected() {
    for Shop { carts, .. } in &shops().await {
        let path = format!("{}/lines", create(carts).await);
        let body = |text: String| {
            let request = carts.request(Method::POST, &path);
            request.header("content-type", "application/json").body(text).send()
        };
        assert_eq!(body("{".into()).await.unwrap().status(), 400);
        assert_eq!(
            body(r#"{"sku":"mug","quantity":1e30}"#.into()).await.unwrap().status(),
            422
        );
        assert_eq!(body("x".repeat(300 * 1024)).await.unwrap().status(), 413);
        let form = carts.submit(&path, "sku=mug&quantity=1").await;
        assert_eq!(form.status(), 415);
    }
}
