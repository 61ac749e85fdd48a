use serde_json::{Value, json};
use testkit::{Contract, check_contract};

use crate::{commit, inventories};

#[test]
fn openapi_document_is_up_to_date() {
    let json = inventory::openapi().to_pretty_json().unwrap();
    check_contract("services/inventory", &json);
}

/// Replaces the values that differ each time.
fn lasting(mut answer: Value) -> Value {
    for field in ["id", "expires_at", "restocked_at", "reservation", "at"] {
        if let Some(value) = answer.get_mut(field) {
            assert!(value.is_string(), "{field}: {value}");
            *value = json!("set aside");
        }
    }
    answer
}

#[tokio::test]
async fn documented_examples_are_real_answers() {
    let contract = Contract::of("services/inventory");
    let documented = |method, path, status| contract.answer(method, path, status);
    for inventory in inventories().await {
        let count = contract.request("put", "/stock/{sku}");
        let (status, answer) = inventory.put("/stock/onda-vase-sand", &count).await;
        assert_eq!(status, 200);
        assert_eq!(answer, documented("put", "/stock/{sku}", 200));
        let answer = inventory.get("/stock/onda-vase-sand").await.1;
        assert_eq!(answer, documented("get", "/stock/{sku}", 200));
        let answer = inventory.get("/stock?sku=onda-vase-sand").await.1;
        assert_eq!(answer, documented("get", "/stock", 200));

        let request = contract.request("post", "/reservations");
        let (status, held) = inventory.post("/reservations", "first", &request).await;
        assert_eq!(status, 201);
        let first = format!("/reservations/{}", held["id"].as_str().unwrap());
        assert_eq!(lasting(held), lasting(documented("post", "/reservations", 201)));
        let answer = inventory.get(&first).await.1;
        assert_eq!(lasting(answer), lasting(documented("get", "/reservations/{id}", 200)));
        let (status, answer) = commit(&inventory, &first).await;
        assert_eq!(status, 200);
        let expected = documented("post", "/reservations/{id}/commit", 200);
        assert_eq!(lasting(answer), lasting(expected));

        let answer = inventory.get("/movements?sku=onda-vase-sand").await.1;
        let expected = documented("get", "/movements", 200);
        assert_eq!(
            lasting(answer["items"][2].clone()),
            lasting(expected["items"][0].clone())
        );
        assert_eq!(answer["next"], expected["next"]);
        let answer = inventory.get("/ledger/differences").await.1;
        assert_eq!(answer, documented("get", "/ledger/differences", 200));
        let restock = contract.request("post", "/restocks");
        let (status, answer) = inventory.post("/restocks", "back", &restock).await;
        assert_eq!(status, 201);
        assert_eq!(lasting(answer), lasting(documented("post", "/restocks", 201)));

        let (_, held) = inventory.post("/reservations", "second", &request).await;
        let second = format!("/reservations/{}", held["id"].as_str().unwrap());
        let (status, answer) = inventory.delete(&second).await;
        assert_eq!(status, 200);
        assert_eq!(
            lasting(answer),
            lasting(documented("delete", "/reservations/{id}", 200))
        );
    }
}
