use reqwest::{Method, RequestBuilder};
use serde_json::json;
use testkit::{Double, HangingServer};

use crate::{Shop, check};

const MINI_CART: &str = "/checkout/fragments/mini-cart";
const ADD_TO_CART: &str = "/checkout/fragments/add-to-cart";

#[tokio::test]
async fn fragments() {
    let shop = Shop::open().await;
    let mini_cart = mini_cart_with_cookie(&shop).send().await.unwrap();
    assert_eq!(mini_cart.headers()["cache-control"], "private, no-store");
    check("mini-cart", &mini_cart.text().await.unwrap());
    shop.check(&format!("{ADD_TO_CART}?sku=onda-vase-sand"), 200, "add-to-cart")
        .await;
}

/// A request for the mini-cart with a cookie.
fn mini_cart_with_cookie(shop: &Shop) -> RequestBuilder {
    shop.frontend.request(Method::GET, MINI_CART).header("cookie", "cart=1")
}

#[tokio::test]
async fn bff_is_not_called_without_a_cookie() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/cart/count", 500, &json!({})).await;
    let answer = shop.get(MINI_CART).await;
    assert_eq!(answer.headers()["cache-control"], "private, no-store");
    assert!(answer.text().await.unwrap().contains("Cart, empty"));
}

#[tokio::test]
async fn sold_out_item_cannot_be_added() {
    let shop = Shop::open().await;
    let availability = json!({ "sku": "onda-vase-sea", "available": false, "quantity_limit": 0 });
    shop.bff.answers("get", "/add-to-cart", 200, &availability).await;
    let (_, html) = shop.page(&format!("{ADD_TO_CART}?sku=onda-vase-sea")).await;
    check("sold-out", &html);
    let availability = json!({ "sku": "onda-vase-sea", "available": true, "quantity_limit": 99 });
    shop.bff.answers("get", "/add-to-cart", 200, &availability).await;
    let (_, html) = shop.page(&format!("{ADD_TO_CART}?sku=onda-vase-sea")).await;
    assert!(!html.contains("up to"), "99 is the general limit and not shown");
}

#[tokio::test]
async fn bad_queries_do_not_break() {
    let shop = Shop::open().await;
    for query in ["", "?sku", "?sku=a&sku=b"] {
        let (status, _) = shop.page(&format!("{ADD_TO_CART}{query}")).await;
        assert!((200..500).contains(&status), "{query}: {status}");
    }
}

#[tokio::test]
async fn fragments_answer_503_without_the_bff() {
    let shop = Shop::open().await;
    for path in ["/cart/count", "/add-to-cart"] {
        shop.bff.answers("get", path, 500, &json!({})).await;
    }
    assert_eq!(mini_cart_with_cookie(&shop).send().await.unwrap().status(), 503);
    assert_eq!(shop.page(&format!("{ADD_TO_CART}?sku=x")).await.0, 503);
    shop.bff.hangs("get", "/cart/count", 30).await;
    let request = mini_cart_with_cookie(&shop).header("x-deadline-ms", "200");
    assert_eq!(request.send().await.unwrap().status(), 503);
}

/// The shell gives a fragment 250 ms, which is enough to detect a BFF that hangs: three requests wait for it, and none after them.
#[tokio::test]
async fn hanging_bff_is_not_waited_for() {
    let silent = HangingServer::start().await;
    let shop = Shop::with_bff_at(Double::of("bffs/checkout").await, &silent.url).await;
    let ask = async || {
        let request = mini_cart_with_cookie(&shop).header("x-deadline-ms", "250");
        request.send().await.unwrap().status()
    };
    for _ in 0..3 {
        assert_eq!(ask().await, 503);
    }
    assert_eq!(silent.connections(), 3);
    for _ in 0..50 {
        assert_eq!(ask().await, 503);
    }
    // None of these has called it; the circuit does, once a second.
    assert!(silent.connections() < 25, "{}", silent.connections());
}
