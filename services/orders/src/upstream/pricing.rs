//! Quotes are verified with pricing's public keys, which are fetched once and kept.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use service::Client;
use tokio::sync::RwLock;

use super::unavailable;
use crate::domain::{Quote, Token, Violation};
use crate::error::Error;
use crate::jws::{Key, Unverified};

/// The pricing service.
#[derive(Clone, Debug)]
pub struct Pricing {
    client: Client,
    timeout: Duration,
    keys: Arc<RwLock<HashMap<String, Key>>>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    x: String,
}

impl Pricing {
    /// The one that `client` reaches; no try takes longer than `timeout`.
    #[must_use]
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self {
            client,
            timeout,
            keys: Arc::default(),
        }
    }

    /// What a token says, if pricing has signed it. Whether it has expired is another question.
    pub async fn verify(&self, token: &Token) -> Result<Quote, Error> {
        let forged = || Violation::new("/quote", "is not a quote of ours");
        let unverified = Unverified::parse(token.as_ref()).ok_or_else(forged)?;
        let key = self.key(&unverified.kid).await?.ok_or_else(forged)?;
        let payload = unverified.verify(&key).ok_or_else(forged)?;
        serde_json::from_slice(&payload).map_err(|error| {
            tracing::error!(%error, "a signed quote cannot be read");
            forged().into()
        })
    }

    /// A name that was never heard of may be that of a new key.
    async fn key(&self, kid: &str) -> Result<Option<Key>, Error> {
        if let Some(key) = self.keys.read().await.get(kid) {
            return Ok(Some(key.clone()));
        }
        let request = self.client.get(&["keys"]).timeout(self.timeout);
        let Keys { keys } = request.send().await.map_err(|error| unavailable(&error))?;
        let keys = keys
            .into_iter()
            .filter_map(|jwk| Some((jwk.kid, Key::from_base64url(&jwk.x)?)))
            .collect();
        let mut kept = self.keys.write().await;
        *kept = keys;
        Ok(kept.get(kid).cloned())
    }
}

#[cfg(test)]
mod tests {
    use testkit::{Contract, Double};

    use super::*;

    #[tokio::test]
    async fn the_documented_quote_verifies_with_the_documented_key() {
        let documented = Contract::of("services/pricing").answer("post", "/quotes", 201);
        let token: Token = serde_json::from_value(documented["token"].clone()).unwrap();
        let double = Double::of("services/pricing").await;
        let client = Client::new("pricing", double.url().parse().unwrap());
        let pricing = Pricing::new(client, Duration::from_secs(2));
        assert!(pricing.verify(&token).await.is_ok());
        let mut forged = token.as_ref().to_owned();
        forged.replace_range(200..201, if &forged[200..201] == "A" { "B" } else { "A" });
        assert!(pricing.verify(&forged.try_into().unwrap()).await.is_err());
    }
}
