use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::{Double, Silent};

use crate::{Shop, check};

const MINI_CART: &str = "/checkout/fragments/mini-cart";
const ADD_TO_CART: &str = "/checkout/fragments/add-to-cart";

#[tokio::test]
async fn the_fragments() {
    let shop = Shop::open().await;
    let mini_cart = known(&shop).send().await.unwrap();
    assert_eq!(mini_cart.headers()["cache-control"], "private, no-store");
    check("mini-cart", &mini_cart.text().await.unwrap());
    shop.check(&format!("{ADD_TO_CART}?sku=onda-vase-sand"), 200, "add-to-cart")
        .await;
}

/// The mini-cart, for somebody who was here before.
fn known(shop: &Shop) -> RequestBuilder {
    shop.frontend.request(Method::GET, MINI_CART).header("cookie", "cart=1")
}

#[tokio::test]
async fn who_brings_nothing_has_no_cart_and_nobody_is_asked() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/cart/count", 500, &json!({})).await;
    let answer = shop.get(MINI_CART).await;
    assert_eq!(answer.headers()["cache-control"], "private, no-store");
    assert!(answer.text().await.unwrap().contains("Cart, empty"));
}

#[tokio::test]
async fn what_is_sold_out_cannot_be_added() {
    let shop = Shop::open().await;
    let offer = json!({ "sku": "onda-vase-sea", "available": false, "quantity_limit": 0 });
    shop.bff.answers("get", "/add-to-cart", 200, &offer).await;
    let (_, html) = shop.page(&format!("{ADD_TO_CART}?sku=onda-vase-sea")).await;
    check("sold-out", &html);
    let offer = json!({ "sku": "onda-vase-sea", "available": true, "quantity_limit": 99 });
    shop.bff.answers("get", "/add-to-cart", 200, &offer).await;
    let (_, html) = shop.page(&format!("{ADD_TO_CART}?sku=onda-vase-sea")).await;
    assert!(!html.contains("up to"), "99 is the most of anything, and needs no word");
}

#[tokio::test]
async fn bad_queries_are_refused() {
    let shop = Shop::open().await;
    for query in ["", "?sku", "?sku=a&sku=b"] {
        let (status, _) = shop.page(&format!("{ADD_TO_CART}{query}")).await;
        assert!((200..500).contains(&status), "{query}: {status}");
    }
}

#[tokio::test]
async fn without_a_bff_the_page_s_own_fallback_stands_in() {
    let shop = Shop::open().await;
    for path in ["/cart/count", "/add-to-cart"] {
        shop.bff.answers("get", path, 500, &json!({})).await;
    }
    assert_eq!(known(&shop).send().await.unwrap().status(), 503);
    assert_eq!(shop.page(&format!("{ADD_TO_CART}?sku=x")).await.0, 503);
    shop.bff.hangs("get", "/cart/count", 30).await;
    let request = known(&shop).header("x-deadline-ms", "200");
    assert_eq!(request.send().await.unwrap().status(), 503);
}

/// The shell gives a fragment 250 ms. That is enough to notice who hangs: three visitors wait for it, nobody after them.
#[tokio::test]
async fn a_bff_that_hangs_costs_nothing_once_it_is_known() {
    let silent = Silent::start().await;
    let shop = Shop::with_bff_at(Double::of("bffs/checkout").await, &silent.url).await;
    let ask = async || {
        let request = known(&shop).header("x-deadline-ms", "250");
        request.send().await.unwrap().status()
    };
    for _ in 0..3 {
        assert_eq!(ask().await, 503);
    }
    assert_eq!(silent.connections(), 3);
    for _ in 0..50 {
        assert_eq!(ask().await, 503);
    }
    // None of these has asked it; the circuit does, once a second.
    assert!(silent.connections() < 25, "{}", silent.connections());
}
