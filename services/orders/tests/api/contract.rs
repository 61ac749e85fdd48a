use serde_json::{Value, json};
use testkit::{Contract, Double, check_contract};

use crate::STEP;

#[test]
fn the_contract_is_written_down() {
    let json = ::orders::openapi().to_pretty_json().unwrap();
    check_contract("services/orders", &json);
}

#[test]
fn the_documented_quote_is_that_of_pricing() {
    let request = Contract::of("services/orders").request("post", "/orders");
    let quote = Contract::of("services/pricing").answer("post", "/quotes", 201);
    assert_eq!(request["quote"], quote["token"]);
}

/// Without what differs each time.
fn lasting(mut order: Value) -> Value {
    for field in ["id", "number", "placed_at"] {
        assert!(order[field].is_string(), "{order}");
        order[field] = json!("set aside");
    }
    order
}

/// Among doubles that keep to the neighbours' contracts.
#[tokio::test]
async fn the_documented_answers_are_true() {
    use service::Part;
    use testkit::Running;

    let contract = Contract::of("services/orders");
    let [pricing, inventory, payments, cart] = [
        Double::of("services/pricing").await,
        Double::of("services/inventory").await,
        Double::of("services/payments").await,
        Double::of("services/cart").await,
    ];
    for database in testkit::databases().await {
        let mut config = crate::config(&database.url, &pricing.url(), STEP);
        config.inventory_url = inventory.url().parse().unwrap();
        config.payments_url = payments.url().parse().unwrap();
        config.cart_url = cart.url().parse().unwrap();
        let orders = Running::start(::orders::App::start(config).await.unwrap()).await;
        let request = contract.request("post", "/orders");
        let (status, order) = orders.post("/orders", "key", &request).await;
        assert_eq!(status, 201, "{order}");
        let address = format!("/orders/{}", order["id"].as_str().unwrap());
        assert_eq!(orders.get(&address).await.1, order);
        assert_eq!(lasting(order.clone()), lasting(contract.answer("post", "/orders", 201)));
        assert_eq!(lasting(order), lasting(contract.answer("get", "/orders/{id}", 200)));
    }
}
