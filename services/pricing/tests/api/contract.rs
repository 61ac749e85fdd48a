use serde_json::Value;
use testkit::{Contract, check_contract};

use crate::pricings;
use crate::quotes::verified;

#[test]
fn contract_file_is_current() {
    let json = pricing::openapi().to_pretty_json().unwrap();
    check_contract("services/pricing", &json);
}

#[tokio::test]
async fn responses_match_the_documented_examples() {
    let contract = Contract::of("services/pricing");
    for (pricing, _database) in pricings().await {
        let (status, answer) = pricing
            .put("/prices/onda-vase-sand", &contract.request("put", "/prices/{sku}"))
            .await;
        assert_eq!(
            (status.as_u16(), answer),
            (200, contract.answer("put", "/prices/{sku}", 200))
        );
        for (path, query) in [
            ("/prices", "?sku=onda-vase-sand&currency=EUR"),
            ("/countries", ""),
            ("/shipping", "?country=DE&currency=EUR"),
        ] {
            let answer = pricing.get(&format!("{path}{query}")).await.1;
            assert_eq!(answer, contract.answer("get", path, 200), "{path}");
        }
    }
}

#[tokio::test]
async fn quote_matches_the_documented_example() {
    let contract = Contract::of("services/pricing");
    for (pricing, _database) in pricings().await {
        let (status, answer) = pricing
            .post("/quotes", "any", &contract.request("post", "/quotes"))
            .await;
        assert_eq!(status, 201);
        let documented = contract.answer("post", "/quotes", 201);
        assert_eq!(
            stable(answer, &["id", "expires_at", "token"]),
            stable(documented, &["id", "expires_at", "token"])
        );

        let keys = pricing.get("/keys").await.1;
        let first = |keys: Value| stable(keys["keys"][0].clone(), &["kid", "x"]);
        assert_eq!(first(keys), first(contract.answer("get", "/keys", 200)));
    }
}

/// Consumers' tests rely on it.
#[test]
fn documented_token_verifies_with_the_documented_key() {
    let contract = Contract::of("services/pricing");
    let mut quote = contract.answer("post", "/quotes", 201);
    let token = quote.as_object_mut().unwrap().remove("token").unwrap();
    let mut claims = verified(token.as_str().unwrap(), &contract.answer("get", "/keys", 200)).unwrap();
    claims.as_object_mut().unwrap().remove("exp").unwrap();
    assert_eq!(claims, quote);
}

/// Removes members that differ each time, which must be present.
fn stable(mut value: Value, volatile: &[&str]) -> Value {
    for name in volatile {
        assert!(
            value.as_object_mut().unwrap().remove(*name).unwrap().is_string(),
            "{name}"
        );
    }
    value
}
