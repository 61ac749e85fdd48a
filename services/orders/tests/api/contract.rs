use serde_json::{Value, json};
use testkit::{Contract, Double, check_contract};

use crate::STEP_TIMEOUT;

#[test]
fn openapi_json_is_up_to_date() {
    let json = ::orders::openapi().to_pretty_json().unwrap();
    check_contract("services/orders", &json);
}

#[test]
fn example_quote_is_the_one_of_pricings_contract() {
    let request = Contract::of("services/orders").request("post", "/orders");
    let quote = Contract::of("services/pricing").answer("post", "/quotes", 201);
    assert_eq!(request["quote"], quote["token"]);
}

/// The order without the fields that differ each time.
fn without_unique_fields(mut order: Value) -> Value {
    for field in ["id", "number", "placed_at"] {
        assert!(order[field].is_string(), "{order}");
        order[field] = json!("removed");
    }
    order
}

/// With doubles that keep their contracts.
#[tokio::test]
async fn examples_of_the_contract_are_true() {
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
        let mut config = crate::config(&database.url, &pricing.url(), STEP_TIMEOUT);
        config.inventory_url = inventory.url().parse().unwrap();
        config.payments_url = payments.url().parse().unwrap();
        config.cart_url = cart.url().parse().unwrap();
        let orders = Running::start(::orders::App::start(config).await.unwrap()).await;
        let request = contract.request("post", "/orders");
        let (status, order) = orders.post("/orders", "key", &request).await;
        assert_eq!(status, 201, "{order}");
        let address = format!("/orders/{}", order["id"].as_str().unwrap());
        assert_eq!(orders.get(&address).await.1, order);
        assert_eq!(
            without_unique_fields(order.clone()),
            without_unique_fields(contract.answer("post", "/orders", 201))
        );
        assert_eq!(
            without_unique_fields(order),
            without_unique_fields(contract.answer("get", "/orders/{id}", 200))
        );
    }
}
