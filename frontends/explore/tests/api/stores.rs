use serde_json::{Value, json};
use testkit::Contract;

use crate::Shop;

#[tokio::test]
async fn shops_are_shown() {
    let shop = Shop::open().await;
    shop.check("/stores", 200, "stores").await;
    assert_eq!(shop.headers("/stores").await["surrogate-key"], "stores");
}

#[tokio::test]
async fn shop_with_few_details_is_shown() {
    let shop = Shop::open().await;
    let mut stores = Contract::of("bffs/explore").answer("get", "/stores", 200);
    stores["shops"][0]["note"] = Value::Null;
    stores["shops"][0]["hours"] = json!([]);
    stores["shops"][0]["address"]["country"] = json!("PT");
    stores["shops"][0]["name"] = json!("<b>Porto</b>");
    shop.bff.answers("get", "/stores", 200, &stores).await;
    let (status, html) = shop.page("/stores").await;
    assert_eq!(status, 200);
    assert!(
        html.contains("PT") && !html.contains("<dl") && !html.contains("<b>"),
        "{html}"
    );
    shop.bff.answers("get", "/stores", 200, &json!({ "shops": [] })).await;
    let (status, html) = shop.page("/stores").await;
    assert_eq!(status, 200);
    assert!(html.contains("We have no shops yet"));
}
