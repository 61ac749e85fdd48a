use testkit::{Contract, check_contract};

use crate::catalogs;

#[test]
fn contract_file_is_current() {
    let json = catalog::openapi().to_pretty_json().unwrap();
    check_contract("services/catalog", &json);
}

#[tokio::test]
async fn responses_match_the_documented_examples() {
    let contract = Contract::of("services/catalog");
    for (catalog, _database) in catalogs().await {
        for (path, address) in [
            ("/categories/{slug}", "/categories/vases"),
            ("/products/{slug}", "/products/onda-vase"),
            ("/stories/{slug}", "/stories/studio-onda"),
            ("/shops/{slug}", "/shops/berlin"),
        ] {
            let (status, answer) = catalog.put(address, &contract.request("put", path)).await;
            assert_eq!(
                (status.as_u16(), answer),
                (200, contract.answer("put", path, 200)),
                "{path}"
            );
            assert_eq!(
                catalog.get(address).await.1,
                contract.answer("get", path, 200),
                "{path}"
            );
        }
        for (path, query) in [
            ("/categories", ""),
            ("/products", ""),
            ("/stories", ""),
            ("/shops", ""),
            ("/variants", "?sku=onda-vase-sand"),
        ] {
            let answer = catalog.get(&format!("{path}{query}")).await.1;
            assert_eq!(answer, contract.answer("get", path, 200), "{path}");
        }
    }
}
