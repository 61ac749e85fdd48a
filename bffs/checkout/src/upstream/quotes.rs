//! Quotes that shoppers bring back: what is in one is read only after its signature is verified.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jws::Verifier;
use serde::Deserialize;
use service::{CallError, Client, causes};

use super::Line;

/// How long pricing may take to tell its keys, which is asked once.
const PATIENCE: Duration = Duration::from_secs(1);

/// The quotes that pricing has signed.
#[derive(Clone, Debug)]
pub struct Quotes(Verifier);

/// What a quote's token says, by pricing's word.
#[derive(Debug, Deserialize)]
pub struct Claims {
    pub country: String,
    pub shipping: Method,
    pub lines: Vec<Line>,
    exp: i64,
}

impl Claims {
    /// Whether it no longer holds.
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.exp <= now.timestamp()
    }
}

/// The way to deliver in a quote.
#[derive(Debug, Deserialize)]
pub struct Method {
    pub method: String,
}

impl Quotes {
    /// Those of pricing, behind this client.
    pub fn new(pricing: Client) -> Self {
        Self(Verifier::new(pricing, PATIENCE))
    }

    /// What this token says; none where pricing has not signed it.
    pub async fn claims(&self, token: &str) -> Result<Option<Claims>, CallError> {
        let Some(payload) = self.0.verify(token).await? else {
            return Ok(None);
        };
        let claims = serde_json::from_slice(&payload);
        Ok(claims
            .inspect_err(|error| tracing::error!(error = causes(error), "a signed quote cannot be read"))
            .ok())
    }
}

#[cfg(test)]
mod tests {
    use testkit::{Contract, Double};

    use super::*;

    async fn claims(token: &str) -> Option<Claims> {
        let pricing = Double::of("services/pricing").await;
        let quotes = Quotes::new(Client::new("pricing", pricing.url().parse().unwrap()));
        quotes.claims(token).await.unwrap()
    }

    #[tokio::test]
    async fn the_documented_quote_says_in_its_token_what_it_was_asked_for() {
        let contract = Contract::of("services/pricing");
        let token = contract.answer("post", "/quotes", 201)["token"].clone();
        let claims = claims(token.as_str().unwrap()).await.unwrap();
        let asked = contract.request("post", "/quotes");
        assert_eq!(
            (&*claims.country, &*claims.shipping.method),
            (asked["country"].as_str().unwrap(), asked["shipping"].as_str().unwrap())
        );
        let line = Line {
            sku: "onda-vase-sand".to_owned(),
            quantity: 1,
        };
        assert_eq!(claims.lines, [line]);
    }

    #[tokio::test]
    async fn what_pricing_has_not_signed_says_nothing() {
        for text in ["", "forged", "a.b.c", "..", "a.e30.c", "a.e30.c.d", "\0.\0.\0"] {
            assert!(claims(text).await.is_none(), "{text:?}");
        }
    }
}
