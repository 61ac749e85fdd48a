use testkit::{Contract, check_contract};

use crate::Shop;

#[test]
fn the_contract_is_written_down() {
    let json = product_bff::openapi().to_pretty_json().unwrap();
    check_contract("bffs/product", &json);
}

#[tokio::test]
async fn the_documented_answers_are_true() {
    let shop = Shop::open().await;
    let answer = shop.bff.get("/products/onda-vase").await.1;
    assert_eq!(
        answer,
        Contract::of("bffs/product").answer("get", "/products/{slug}", 200)
    );
}
