use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Method;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::{pointers, pricings, start};

/// The payload of a token, if one of the keys signed it.
pub(crate) fn verified(token: &str, keys: &Value) -> Option<Value> {
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
    assert_eq!(header["alg"], "EdDSA");
    let key = keys["keys"]
        .as_array()?
        .iter()
        .find(|key| key["kid"] == header["kid"])?;
    let key = UnparsedPublicKey::new(&ED25519, decode(key["x"].as_str()?)?);
    key.verify(signed.as_bytes(), &decode(signature)?).ok()?;
    serde_json::from_slice(&decode(payload)?).ok()
}

fn quote_request() -> Value {
    json!({
        "currency": "EUR", "country": "FR", "shipping": "express",
        "lines": [{ "sku": "onda-vase-sea", "quantity": 2 }, { "sku": "onda-vase-sand", "quantity": 1 }],
    })
}

#[tokio::test]
async fn amounts_of_a_quote_add_up() {
    for (pricing, _database) in pricings().await {
        let (status, quote) = pricing.post("/quotes", "any", &quote_request()).await;
        assert_eq!(status, 201, "{quote}");
        let minors = [
            "/lines/0/total",
            "/lines/1/total",
            "/subtotal",
            "/shipping/price",
            "/total",
            "/tax",
        ]
        .map(|pointer| quote.pointer(pointer).unwrap()["minor"].as_i64().unwrap());
        assert_eq!(minors, [10400, 4800, 15200, 1490, 16690, 2782]);
    }
}

#[tokio::test]
async fn pickup_has_no_shipping_price() {
    for (pricing, _database) in pricings().await {
        let mut request = quote_request();
        request["shipping"] = json!("pickup");
        let (status, quote) = pricing.post("/quotes", "any", &request).await;
        assert_eq!((status.as_u16(), &quote["total"]), (201, &quote["subtotal"]), "{quote}");
        assert_eq!(quote["shipping"]["name"], "Pick up in a shop");
    }
}

#[tokio::test]
async fn token_contains_the_quote_and_cannot_be_forged() {
    for (pricing, _database) in pricings().await {
        let (_, mut quote) = pricing.post("/quotes", "any", &quote_request()).await;
        let keys = pricing.get("/keys").await.1;
        let token = quote.as_object_mut().unwrap().remove("token").unwrap();
        let token = token.as_str().unwrap();
        let mut claims = verified(token, &keys).unwrap();
        assert!(claims.as_object_mut().unwrap().remove("exp").unwrap().is_i64());
        assert_eq!(claims, quote);

        claims["total"]["minor"] = json!(1);
        let parts: Vec<&str> = token.split('.').collect();
        let payload = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
        assert_eq!(verified(&format!("{}.{payload}.{}", parts[0], parts[2]), &keys), None);
    }
}

#[tokio::test]
async fn replicas_and_restarts_share_one_key() {
    for database in testkit::databases().await {
        let (first, second) = tokio::join!(start(&database), start(&database));
        let third = start(&database).await;
        let keys = first.get("/keys").await.1;
        assert_eq!(keys, second.get("/keys").await.1);
        assert_eq!(keys, third.get("/keys").await.1);
    }
}

#[tokio::test]
async fn invalid_quote_request_fields_are_named() {
    for (pricing, _database) in pricings().await {
        let line = |number: usize| json!({ "sku": format!("sku-{number}"), "quantity": 1 });
        let broken = [
            ("/currency", json!("USD"), "#/currency"),
            ("/currency", json!("XXX"), "#/currency"),
            ("/country", json!("XX"), "#/country"),
            ("/shipping", json!("drone"), "#/shipping"),
            ("/lines", json!([]), "#/lines"),
            ("/lines", (0..51).map(line).collect(), "#/lines"),
            ("/lines/1/sku", json!("none"), "#/lines/1/sku"),
            ("/lines/1/sku", json!("onda-vase-sea"), "#/lines/1/sku"),
            ("/lines/0/sku", json!("nul\u{0}"), "#/lines/0/sku"),
            ("/lines/0/quantity", json!(0), "#/lines/0/quantity"),
            ("/lines/0/quantity", json!(-1), "#/lines/0/quantity"),
            ("/lines/0/quantity", json!(1_000_000_000), "#/lines/0/quantity"),
            ("/lines/0/quantity", json!(1e300), "#/lines/0/quantity"),
            ("/lines/0/quantity", json!("2"), "#/lines/0/quantity"),
        ];
        for (pointer, value, wrong) in broken {
            let mut body = quote_request();
            *body.pointer_mut(pointer).unwrap() = value;
            let (status, problem) = pricing.post("/quotes", "any", &body).await;
            assert_eq!((status.as_u16(), pointers(&problem)), (422, vec![wrong]), "{body}");
        }
    }
}

#[tokio::test]
async fn prices_in_a_quote_request_are_rejected() {
    for (pricing, _database) in pricings().await {
        let mut body = quote_request();
        body["lines"][0]["unit_price"] = json!({ "minor": 1, "currency": "EUR" });
        let (status, problem) = pricing.post("/quotes", "any", &body).await;
        assert_eq!(
            (status.as_u16(), pointers(&problem)),
            (422, vec!["#/lines/0/unit_price"])
        );
    }
}

#[tokio::test]
async fn malformed_bodies_are_rejected() {
    for (pricing, _database) in pricings().await {
        for (text, status) in [
            ("{".to_owned(), 400),
            ("[]".to_owned(), 422),
            ("x".repeat(300 * 1024), 413),
        ] {
            let request = pricing
                .request(Method::POST, "/quotes")
                .header("content-type", "application/json");
            assert_eq!(request.body(text).send().await.unwrap().status(), status);
        }
    }
}
