use ::orders::App;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use testkit::{Running, TestClock};
use values::Clock;

use crate::neighbours::{Fault, Neighbours};
use crate::{KID, STEP_TIMEOUT, claims, config, kind, pointers, post, pricing_key, request, sign, worlds};

pub fn public_key() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(pricing_key().public_key())
}

fn with(quote: impl Into<Value>) -> Value {
    let mut request = request();
    request["quote"] = quote.into();
    request
}

#[tokio::test]
async fn forged_quote_is_refused() {
    let cheap = |token: &str| {
        let mut claims = claims();
        claims["total"]["minor"] = json!(1);
        let mut parts: Vec<&str> = token.split('.').collect();
        let forged = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
        parts[1] = &forged;
        parts.join(".")
    };
    let thief = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let token = sign(&claims(), &pricing_key(), KID);
    let unsigned = BASE64_URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "kid": KID }).to_string());
    let payload = token.split('.').nth(1).unwrap();
    let forged = [
        cheap(&token),
        sign(&claims(), &thief, KID),
        sign(&claims(), &thief, "thief"),
        format!("{unsigned}.{payload}."),
        token[..token.len() - 4].to_owned(),
        token.replace('.', ""),
        format!("{token}\0"),
        "..".to_owned(),
        String::new(),
        "x".repeat(40_000),
        sign(&json!({ "exp": 4_102_443_000_i64 }), &pricing_key(), KID),
    ];
    for (orders, neighbours, _database) in worlds().await {
        for token in &forged {
            let (status, problem) = post(&orders, "key", &with(token.as_str())).await;
            assert_eq!((status, pointers(&problem)), (422, vec!["#/quote"]), "{token}");
        }
        assert_eq!(neighbours.state(), (vec![], vec![], 0));
        // The key can still be used.
        assert_eq!(post(&orders, "key", &with(token.as_str())).await.0, 201);
    }
}

#[tokio::test]
async fn expired_quote_is_refused() {
    for (orders, neighbours, _database) in worlds().await {
        let mut claims = claims();
        claims["exp"] = json!(Clock::system().now().timestamp());
        let request = with(sign(&claims, &pricing_key(), KID));
        for _ in 0..2 {
            let (status, problem) = post(&orders, "key", &request).await;
            assert_eq!((status, kind(&problem)), (409, "quote-expired"));
        }
        assert_eq!(neighbours.state(), (vec![], vec![], 0));
    }
}

#[tokio::test]
async fn repeated_request_gives_its_order_after_the_quote_has_expired() {
    for database in testkit::databases().await {
        let (neighbours, clock) = (Neighbours::start().await, TestClock::default());
        let config = config(&database.url, &neighbours.url(), STEP_TIMEOUT);
        let app = App::open(config, clock.clock()).await;
        let orders = Running::start(app.expect("orders start")).await;
        let mut claims = claims();
        claims["exp"] = json!(clock.now().timestamp() + 60);
        let request = with(sign(&claims, &pricing_key(), KID));
        let first = post(&orders, "key", &request).await;
        assert_eq!(first.0, 201);
        clock.advance(TimeDelta::minutes(1));
        assert_eq!(post(&orders, "other", &request).await.0, 409);
        assert_eq!(post(&orders, "key", &request).await, first);
    }
}

#[tokio::test]
async fn pricing_keys_are_fetched_once() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("keys", &[Fault::ServerError, Fault::NoAnswer]);
        for _ in 0..2 {
            let (status, problem) = post(&orders, "key", &request()).await;
            assert_eq!((status, kind(&problem)), (503, "unavailable"));
        }
        for key in ["key", "other", "another"] {
            assert_eq!(post(&orders, key, &request()).await.0, 201);
        }
        assert_eq!(neighbours.calls("keys").len(), 3);
    }
}
