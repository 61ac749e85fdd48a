use serde_json::{Value, json};
use testkit::{Contract, check_contract};

use crate::{apps, change};

#[test]
fn openapi_document_is_up_to_date() {
    let json = payments::openapi().to_pretty_json().unwrap();
    check_contract("services/payments", &json);
}

/// Replaces the values that differ each time.
fn normalised(mut answer: Value) -> Value {
    assert!(answer["id"].is_string(), "{answer}");
    for field in ["id", "card_fingerprint", "created_at"] {
        if answer[field].is_string() {
            answer[field] = json!("normalised");
        }
    }
    answer
}

#[tokio::test]
async fn documented_examples_match_real_answers() {
    let contract = Contract::of("services/payments");
    let documented = |method, path, status| normalised(contract.answer(method, path, status));
    for (app, _database) in apps().await {
        let card = contract.request("post", "/payment-methods");
        let (status, method) = app.post("/payment-methods", "unused", &card).await;
        assert_eq!(status, 201);
        assert_eq!(method["id"].as_str().unwrap().len(), "pm_".len() + 32);

        let mut request = contract.request("post", "/payments");
        request["payment_method"] = method["id"].clone();
        assert_eq!(normalised(method), documented("post", "/payment-methods", 201));
        let (status, payment) = app.post("/payments", "first", &request).await;
        assert_eq!(status, 201);
        let first = format!("/payments/{}", payment["id"].as_str().unwrap());
        assert_eq!(normalised(payment), documented("post", "/payments", 201));
        assert_eq!(
            normalised(app.get(&first).await.1),
            documented("get", "/payments/{id}", 200)
        );
        let (status, voided) = change(&app, &first, "void").await;
        assert_eq!(status, 200);
        assert_eq!(normalised(voided), documented("post", "/payments/{id}/void", 200));

        let (_, payment) = app.post("/payments", "second", &request).await;
        let second = format!("/payments/{}", payment["id"].as_str().unwrap());
        let (status, captured) = change(&app, &second, "capture").await;
        assert_eq!(status, 200);
        assert_eq!(normalised(captured), documented("post", "/payments/{id}/capture", 200));
        let order = request["order"].as_str().unwrap();
        let (_, mut page) = app.get(&format!("/payments?order={order}")).await;
        page["items"].as_array_mut().unwrap().truncate(1);
        let mut listed = contract.answer("get", "/payments", 200);
        for page in [&mut page, &mut listed] {
            page["items"][0] = normalised(page["items"][0].take());
        }
        assert_eq!(page, listed);

        let (_, mut movements) = app.get(&format!("{second}/movements")).await;
        let mut listed = contract.answer("get", "/payments/{id}/movements", 200);
        for movements in [&mut movements, &mut listed] {
            let movements = movements["items"].as_array_mut().unwrap();
            movements.truncate(1);
            assert!(movements[0]["settled_at"].take().is_string() && movements[0]["created_at"].take().is_string());
        }
        assert_eq!(movements, listed);

        let body = contract.request("post", "/payments/{id}/refunds");
        let (status, refund) = app.post(&format!("{second}/refunds"), "third", &body).await;
        assert_eq!(status, 201);
        assert_eq!(normalised(refund), documented("post", "/payments/{id}/refunds", 201));
    }
}
