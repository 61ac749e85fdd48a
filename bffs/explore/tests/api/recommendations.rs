use serde_json::{Value, json};
use testkit::Double;
use testkit::wiremock::matchers::{path, query_param};
use testkit::wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{Shop, bff};

fn product(slug: &str, related: &[&str]) -> Value {
    json!({
        "slug": slug, "name": slug, "vendor": "M", "pictures": [{ "name": slug }], "variants": [{ "sku": slug }],
        "related": related,
    })
}

async fn answers(catalog: &MockServer, key: &str, value: &str, products: &[Value]) {
    let page = json!({ "items": products, "next": null, "total": products.len() });
    Mock::given(path("/products"))
        .and(query_param(key, value))
        .respond_with(ResponseTemplate::new(200).set_body_json(page))
        .mount(catalog)
        .await;
}

fn slugs(view: &Value) -> Vec<&str> {
    let products = view["products"].as_array().unwrap();
    products.iter().filter_map(|card| card["slug"].as_str()).collect()
}

#[tokio::test]
async fn recommendations_are_related_products_then_the_newest() {
    let catalog = MockServer::start().await;
    let cart = [
        product("bowl", &["mug", "lamp", "vase"]),
        product("vase", &["lamp", "gone", "bowl"]),
    ];
    answers(&catalog, "slug", "vase,bowl", &cart).await;
    // In another order than the ranking, and one product does not exist.
    answers(
        &catalog,
        "slug",
        "lamp,mug,gone",
        &[product("mug", &[]), product("lamp", &[])],
    )
    .await;
    let newest = ["vase", "lamp", "clock", "chair", "shelf"].map(|slug| product(slug, &[]));
    answers(&catalog, "sort", "newest", &newest).await;
    let bff = bff(&catalog.uri(), &Double::of("services/pricing").await.url()).await;
    let (status, view) = bff.get("/recommendations?for=vase,bowl,vase,No%20Slug,,%00").await;
    assert_eq!(
        (status.as_u16(), slugs(&view)),
        (200, vec!["lamp", "mug", "clock", "chair"])
    );
    for query in ["", "?for=", "?for=%FF", "?for=..%2F..,%22"] {
        let (status, view) = bff.get(&format!("/recommendations{query}")).await;
        assert_eq!(
            (status.as_u16(), slugs(&view)),
            (200, vec!["vase", "lamp", "clock", "chair"]),
            "{query}"
        );
    }
}

#[tokio::test]
async fn long_lists_of_slugs_are_cut() {
    let shop = Shop::open().await;
    let many: Vec<String> = (0..5000).map(|number| format!("slug-{number}")).collect();
    assert_eq!(
        shop.bff
            .get(&format!("/recommendations?for={}", many.join(",")))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn empty_shop_has_no_recommendations() {
    let shop = Shop::open().await;
    let nothing = json!({ "items": [], "next": null, "total": 0 });
    shop.catalog.answers("get", "/products", 200, &nothing).await;
    assert_eq!(
        shop.bff.get("/recommendations?for=onda-vase").await.1,
        json!({ "products": [] })
    );
}
