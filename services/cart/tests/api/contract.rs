use serde_json::{Value, json};
use testkit::{Contract, check_contract};

use crate::{Shop, add, create};

#[test]
fn openapi_document_is_up_to_date() {
    let json = cart::openapi().to_pretty_json().unwrap();
    check_contract("services/cart", &json);
}

/// Replaces the values that differ each time.
fn lasting(mut cart: Value) -> Value {
    for field in ["id", "updated_at"] {
        assert!(cart[field].is_string(), "{cart}");
        cart[field] = json!("set aside");
    }
    cart
}

#[tokio::test]
async fn documented_examples_are_real_answers() {
    let contract = Contract::of("services/cart");
    let documented = |method, path, status| lasting(contract.answer(method, path, status));
    let shop = Shop::in_file().await;
    let carts = &shop.carts;

    let (status, cart) = carts.post("/carts", "any", &Value::Null).await;
    let address = format!("/carts/{}", cart["id"].as_str().unwrap());
    assert_eq!(
        (status.as_u16(), lasting(cart)),
        (201, documented("post", "/carts", 201))
    );
    let line = contract.request("post", "/carts/{id}/lines");
    let (status, cart) = carts.post(&format!("{address}/lines"), "any", &line).await;
    assert_eq!(
        (status.as_u16(), lasting(cart)),
        (200, documented("post", "/carts/{id}/lines", 200))
    );
    let cart = carts.get(&address).await.1;
    assert_eq!(lasting(cart), documented("get", "/carts/{id}", 200));
    let amount = contract.request("put", "/carts/{id}/lines/{sku}");
    let (status, cart) = carts.put(&format!("{address}/lines/onda-vase-sand"), &amount).await;
    assert_eq!(
        (status.as_u16(), lasting(cart)),
        (200, documented("put", "/carts/{id}/lines/{sku}", 200))
    );

    let guest = create(carts).await;
    carts.post(&format!("{guest}/lines"), "any", &line).await;
    let (member, from) = (create(carts).await, guest.trim_start_matches("/carts/"));
    carts.post(&format!("{member}/lines"), "any", &line).await;
    let mut merge = contract.request("post", "/carts/{id}/merge");
    merge["from"] = json!(from);
    let (status, cart) = carts.post(&format!("{member}/merge"), "any", &merge).await;
    assert_eq!(
        (status.as_u16(), lasting(cart)),
        (200, documented("post", "/carts/{id}/merge", 200))
    );

    let address = create(carts).await;
    for key in ["one", "two"] {
        carts.post(&format!("{address}/lines"), key, &line).await;
    }
    let ordered = contract.request("put", "/carts/{id}/orders/{order}");
    let order = format!("{address}/orders/01890a5d-ac96-774b-bcce-b302099a8057");
    let (status, cart) = carts.put(&order, &ordered).await;
    assert_eq!(
        (status.as_u16(), lasting(cart)),
        (200, documented("put", "/carts/{id}/orders/{order}", 200))
    );

    for (path, target) in [
        ("/carts/{id}/lines/{sku}", "/lines/onda-vase-sand"),
        ("/carts/{id}/lines", "/lines"),
    ] {
        let address = create(carts).await;
        add(carts, &address, "onda-vase-sand", 1).await;
        let (status, cart) = carts.delete(&format!("{address}{target}")).await;
        assert_eq!(
            (status.as_u16(), lasting(cart)),
            (200, documented("delete", path, 200)),
            "{path}"
        );
    }
}
