use std::time::{Duration, Instant};

use serde_json::json;

use crate::Shop;

const HEADER: &str = "/explore/fragments/header";
const FOOTER: &str = "/explore/fragments/footer";

#[tokio::test]
async fn a_header() {
    let shop = Shop::open().await;
    shop.check(HEADER, 200, "header").await;
    assert_eq!(shop.headers(HEADER).await["surrogate-key"], "category/vases");
}

#[tokio::test]
async fn a_header_without_a_bff_still_leads_home_and_to_the_cart() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/header", 500, &json!({})).await;
    shop.check(HEADER, 200, "header-bare").await;
    assert_eq!(shop.headers(HEADER).await["cache-control"], "private, no-store");
    shop.bff.hangs("get", "/header", 30).await;
    let begun = Instant::now();
    assert_eq!(shop.page(HEADER).await.0, 200);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_footer() {
    let shop = Shop::open().await;
    shop.check(FOOTER, 200, "footer").await;
    assert!(
        shop.headers(FOOTER).await["cache-control"]
            .to_str()
            .unwrap()
            .starts_with("public")
    );
}
