use reqwest::Method;
use serde_json::{Value, json};
use storage::Db;
use uuid::Uuid;

use crate::{card, kind, method, pointer, request, tills};

#[tokio::test]
async fn neither_number_nor_code_is_kept() {
    for (till, database) in tills().await {
        let mut card = card("4242-4242-4242-4242");
        card["card"]["cvc"] = json!("9137");
        card["card"]["holder"] = json!("Ada Lovelace");
        let (status, method) = till.post("/payment-methods", "unused", &card).await;
        assert_eq!(status, 201);
        assert_eq!(
            (&method["card"]["brand"], &method["card"]["last4"]),
            (&json!("visa"), &json!("4242"))
        );

        let db = Db::open(database.url.clone()).await.unwrap();
        let sql = "select id, brand, last4, token from payment_methods";
        let kept: (String, String, String, String) = storage::fetch_one!(&db, sql).unwrap();
        let expected = (method["id"].as_str().unwrap(), "visa", "4242", "tok_test_good");
        assert_eq!((&*kept.0, &*kept.1, &*kept.2, &*kept.3), expected);
    }
}

#[tokio::test]
async fn a_card_is_known_again_without_its_number() {
    for (till, _database) in tills().await {
        let mut fingerprints = Vec::new();
        for number in ["4242424242424242", "4242 4242 4242 4242", "4000002500003155"] {
            let wish = request(Uuid::new_v4(), &method(&till, number).await);
            let (status, payment) = till.post("/payments", &Uuid::new_v4().to_string(), &wish).await;
            assert_eq!(status, 201, "{payment}");
            fingerprints.push(payment["card_fingerprint"].as_str().expect("a fingerprint").to_owned());
        }
        assert_eq!(fingerprints[0], fingerprints[1]);
        assert_ne!(fingerprints[0], fingerprints[2]);
        // Another shop's is another one: nobody can try out by it which number it is of.
        let others = crate::tills().await.swap_remove(0);
        let wish = request(Uuid::new_v4(), &method(&others.0, "4242424242424242").await);
        let (_, payment) = others.0.post("/payments", "other", &wish).await;
        assert_ne!(payment["card_fingerprint"], json!(fingerprints[0]));
    }
}

#[tokio::test]
async fn bad_fields_are_named() {
    for (till, _database) in tills().await {
        let broken = [
            ("number", json!("4242424242424241"), "#/card/number"),
            ("number", json!("42"), "#/card/number"),
            ("number", json!("4242424242424242\u{0}"), "#/card/number"),
            ("number", json!(4_242_424_242_424_242_u64), "#/card/number"),
            ("number", json!("4".repeat(100_000)), "#/card/number"),
            ("number", Value::Null, "#/card/number"),
            ("expiry", json!("12/20"), "#/card/expiry"),
            ("expiry", json!("13/49"), "#/card/expiry"),
            ("expiry", json!("soon"), "#/card/expiry"),
            ("expiry", json!("\u{0}1/49"), "#/card/expiry"),
            ("cvc", json!("12"), "#/card/cvc"),
            ("cvc", json!("12345"), "#/card/cvc"),
            ("cvc", json!("12a"), "#/card/cvc"),
            ("cvc", json!(123), "#/card/cvc"),
            ("holder", json!(""), "#/card/holder"),
            ("holder", json!("Ada\u{0}"), "#/card/holder"),
            ("holder", json!("x".repeat(121)), "#/card/holder"),
        ];
        for (field, value, wrong) in broken {
            let mut body = card("4242424242424242");
            body["card"][field] = value;
            let (status, problem) = till.post("/payment-methods", "unused", &body).await;
            assert_eq!((status.as_u16(), pointer(&problem)), (422, wrong), "{body}");
            // What is wrong is told, what was typed is not.
            assert!(!problem.to_string().contains("4242"), "{problem}");
        }
    }
}

#[tokio::test]
async fn broken_requests_are_refused() {
    for (till, _database) in tills().await {
        let post = |body: String| {
            till.request(Method::POST, "/payment-methods")
                .header("content-type", "application/json")
                .body(body)
                .send()
        };
        assert_eq!(post("{".into()).await.unwrap().status(), 400);
        assert_eq!(post("x".repeat(300 * 1024)).await.unwrap().status(), 413);
        let (status, problem) = till.post("/payment-methods", "unused", &json!({})).await;
        assert_eq!((status.as_u16(), kind(&problem)), (422, "urn:problem:invalid"));
        assert_eq!(till.get("/payment-methods").await.0, 405);
    }
}
