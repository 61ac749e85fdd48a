use serde_json::{Value, json};
use testkit::{Contract, check_contract};

use crate::{change, tills};

#[test]
fn the_contract_is_written_down() {
    let json = payments::openapi().to_pretty_json().unwrap();
    check_contract("services/payments", &json);
}

/// Without what differs each time.
fn lasting(mut answer: Value) -> Value {
    assert!(answer["id"].is_string(), "{answer}");
    for field in ["id", "card_fingerprint", "created_at"] {
        if answer[field].is_string() {
            answer[field] = json!("set aside");
        }
    }
    answer
}

#[tokio::test]
async fn the_documented_answers_are_true() {
    let contract = Contract::of("services/payments");
    let documented = |method, path, status| lasting(contract.answer(method, path, status));
    for (till, _database) in tills().await {
        let card = contract.request("post", "/payment-methods");
        let (status, method) = till.post("/payment-methods", "unused", &card).await;
        assert_eq!(status, 201);
        assert_eq!(method["id"].as_str().unwrap().len(), "pm_".len() + 32);

        let mut request = contract.request("post", "/payments");
        request["payment_method"] = method["id"].clone();
        assert_eq!(lasting(method), documented("post", "/payment-methods", 201));
        let (status, payment) = till.post("/payments", "first", &request).await;
        assert_eq!(status, 201);
        let first = format!("/payments/{}", payment["id"].as_str().unwrap());
        assert_eq!(lasting(payment), documented("post", "/payments", 201));
        assert_eq!(
            lasting(till.get(&first).await.1),
            documented("get", "/payments/{id}", 200)
        );
        let (status, voided) = change(&till, &first, "void").await;
        assert_eq!(status, 200);
        assert_eq!(lasting(voided), documented("post", "/payments/{id}/void", 200));

        let (_, payment) = till.post("/payments", "second", &request).await;
        let second = format!("/payments/{}", payment["id"].as_str().unwrap());
        let (status, captured) = change(&till, &second, "capture").await;
        assert_eq!(status, 200);
        assert_eq!(lasting(captured), documented("post", "/payments/{id}/capture", 200));
        let order = request["order"].as_str().unwrap();
        let (_, mut page) = till.get(&format!("/payments?order={order}")).await;
        page["items"].as_array_mut().unwrap().truncate(1);
        let mut listed = contract.answer("get", "/payments", 200);
        for page in [&mut page, &mut listed] {
            page["items"][0] = lasting(page["items"][0].take());
        }
        assert_eq!(page, listed);

        let (_, mut movements) = till.get(&format!("{second}/movements")).await;
        let mut listed = contract.answer("get", "/payments/{id}/movements", 200);
        for movements in [&mut movements, &mut listed] {
            let movements = movements["items"].as_array_mut().unwrap();
            movements.truncate(1);
            assert!(movements[0]["settled_at"].take().is_string() && movements[0]["created_at"].take().is_string());
        }
        assert_eq!(movements, listed);

        let wish = contract.request("post", "/payments/{id}/refunds");
        let (status, refund) = till.post(&format!("{second}/refunds"), "third", &wish).await;
        assert_eq!(status, 201);
        assert_eq!(lasting(refund), documented("post", "/payments/{id}/refunds", 201));
    }
}
