use testkit::{Contract, check_contract};

use crate::Shop;

#[test]
fn contract_file_is_current() {
    let json = explore_bff::openapi().to_pretty_json().unwrap();
    check_contract("bffs/explore", &json);
}

#[tokio::test]
async fn responses_match_the_documented_examples() {
    let shop = Shop::open().await;
    let contract = Contract::of("bffs/explore");
    for (path, address) in [
        ("/home", "/home"),
        ("/categories/{slug}", "/categories/vases"),
        ("/search", "/search?q=onda"),
        ("/stores", "/stores"),
        ("/recommendations", "/recommendations?for=alba-bowl"),
        ("/header", "/header"),
    ] {
        let answer = shop.bff.get(address).await.1;
        assert_eq!(answer, contract.answer("get", path, 200), "{path}");
    }
}
