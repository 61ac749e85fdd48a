//! Verification of the quotes that shoppers send back. A quote's claims are read only after its signature is verified.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jws::Verifier;
use serde::Deserialize;
use service::{CallError, Client, causes};

use super::LineItem;

/// How long pricing may take to send its keys, which are fetched once.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Verifies quotes with pricing's public keys.
#[derive(Clone, Debug)]
pub struct QuoteVerifier(Verifier);

/// The verified claims of a quote's token.
#[derive(Debug, Deserialize)]
pub struct QuoteClaims {
    pub country: String,
    pub shipping: QuotedShipping,
    pub lines: Vec<LineItem>,
    exp: i64,
}

impl QuoteClaims {
    /// Whether the quote has expired.
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.exp <= now.timestamp()
    }
}

/// The shipping method of a quote.
#[derive(Debug, Deserialize)]
pub struct QuotedShipping {
    pub method: String,
}

impl QuoteVerifier {
    /// Fetches the keys from pricing, behind this client.
    pub fn new(pricing: Client) -> Self {
        Self(Verifier::new(pricing, TIMEOUT))
    }

    /// The claims of this token; `None` if pricing has not signed it.
    pub async fn claims(&self, token: &str) -> Result<Option<QuoteClaims>, CallError> {
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

    async fn claims(token: &str) -> Option<QuoteClaims> {
        let pricing = Double::of("services/pricing").await;
        let quotes = QuoteVerifier::new(Client::new("pricing", pricing.url().parse().unwrap()));
        quotes.claims(token).await.unwrap()
    }

    #[tokio::test]
    async fn claims_of_the_documented_quote_match_its_request() {
        let contract = Contract::of("services/pricing");
        let token = contract.answer("post", "/quotes", 201)["token"].clone();
        let claims = claims(token.as_str().unwrap()).await.unwrap();
        let request = contract.request("post", "/quotes");
        assert_eq!(
            (&*claims.country, &*claims.shipping.method),
            (
                request["country"].as_str().unwrap(),
                request["shipping"].as_str().unwrap()
            )
        );
        let line = LineItem {
            sku: "onda-vase-sand".to_owned(),
            quantity: 1,
        };
        assert_eq!(claims.lines, [line]);
    }

    #[tokio::test]
    async fn unsigned_token_has_no_claims() {
        for text in ["", "forged", "a.b.c", "..", "a.e30.c", "a.e30.c.d", "\0.\0.\0"] {
            assert!(claims(text).await.is_none(), "{text:?}");
        }
    }
}
