use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Contract, check_contract};

use crate::{Answer, Shop};

#[test]
fn openapi_document_is_up_to_date() {
    let json = checkout_bff::openapi().to_pretty_json().unwrap();
    check_contract("bffs/checkout", &json);
}

#[tokio::test]
async fn documented_answers_are_true() {
    let (contract, shop) = (Contract::of("bffs/checkout"), Shop::open().await);
    for (path, address) in [
        ("/cart", "/cart"),
        ("/cart/count", "/cart/count"),
        ("/add-to-cart", "/add-to-cart?sku=onda-vase-sand"),
        ("/orders/{id}", "/orders/01890a5d-ac96-774b-bcce-b302099a8057"),
    ] {
        is_documented(&contract, &shop.get(address).await, ("get", path, 200));
    }
    for (method, path, address, status) in [
        ("post", "/cart/lines", "/cart/lines", 200),
        ("put", "/cart/lines", "/cart/lines", 200),
        ("post", "/orders", "/orders", 201),
    ] {
        let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let answer = shop.send(verb, address, Some(&contract.request(method, path))).await;
        is_documented(&contract, &answer, (method, path, status));
    }
    let answer = shop.send(Method::DELETE, "/cart/lines?sku=onda-vase-sand", None).await;
    is_documented(&contract, &answer, ("delete", "/cart/lines", 200));
}

/// Except for the idempotency key, which is new each time, and the token, which is pricing's.
#[tokio::test]
async fn documented_checkout_is_true() {
    let (contract, shop) = (Contract::of("bffs/checkout"), Shop::open().await);
    let stable = |mut view: Value| {
        assert!(view["idempotency_key"].take().is_string());
        assert!(view["quote"]["token"].take().is_string());
        view
    };
    let answer = shop.get("/checkout").await;
    assert_eq!(answer.status, 200);
    assert_eq!(stable(answer.body), stable(contract.answer("get", "/checkout", 200)));
}

/// Except for the quote's signature.
#[tokio::test]
async fn documented_form_becomes_the_documented_requests_of_orders_and_payments() {
    let shop = Shop::open().await;
    let form = Contract::of("bffs/checkout").request("post", "/orders");
    assert_eq!(shop.post("/orders", &form).await.status, 201);
    let mut documented = Contract::of("services/orders").request("post", "/orders");
    documented["quote"] = form["quote"].clone();
    assert_eq!(shop.orders.received("post", "/orders").await, [documented]);
    let mut card = Contract::of("services/payments").request("post", "/payment-methods");
    card["card"]["expiry"] = json!("12/49");
    assert_eq!(shop.payments.received("post", "/payment-methods").await, [card]);
}

fn is_documented(contract: &Contract, answer: &Answer, (method, path, status): (&str, &str, u16)) {
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    assert_eq!(answer.body, contract.answer(method, path, status), "{method} {path}");
}
