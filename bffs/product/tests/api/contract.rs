use testkit::{Contract, check_contract};

use crate::Shop;

#[test]
fn openapi_document_is_up_to_date() {
    let json = product_bff::openapi().to_pretty_json().unwrap();
    check_contract("bffs/product", &json);
}

#[tokio::test]
async fn documented_examples_are_real_answers() {
    let shop = Shop::open().await;
    let answer = shop.bff.get("/products/onda-vase").await.1;
    assert_eq!(
        answer,
        Contract::of("bffs/product").answer("get", "/products/{slug}", 200)
    );
}
