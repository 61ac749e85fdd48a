//! Signed statements of other parts: compact JWS ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)) with Ed25519 keys
//! ([RFC 8037](https://www.rfc-editor.org/rfc/rfc8037)), and nothing else of that family.
//!
//! Invariant: nothing of a token but the name of its key is read before its signature is verified.

mod token;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use service::{CallError, Client};
use tokio::sync::RwLock;

use token::{Key, Unverified};

/// Verifies what one part signs, with the public keys that it publishes under `/keys` as a JWK set
/// ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)). They are fetched once and kept. Clones share them.
#[derive(Clone, Debug)]
pub struct Verifier {
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

impl Verifier {
    /// For what the part behind `client` signs; asking for its keys takes no longer than `timeout`.
    #[must_use]
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self {
            client,
            timeout,
            keys: Arc::default(),
        }
    }

    /// What a token says, in JSON, if the part has signed it. Whether it has expired is another question.
    ///
    /// # Errors
    /// The key has to be asked for, and there is no answer.
    pub async fn verify(&self, token: &str) -> Result<Option<Vec<u8>>, CallError> {
        let Some(unverified) = Unverified::parse(token) else {
            return Ok(None);
        };
        let key = self.key(&unverified.kid).await?;
        Ok(key.and_then(|key| unverified.verify(&key)))
    }

    /// A name that was never heard of may be that of a new key.
    async fn key(&self, kid: &str) -> Result<Option<Key>, CallError> {
        if let Some(key) = self.keys.read().await.get(kid) {
            return Ok(Some(key.clone()));
        }
        let Keys { keys } = self.client.get(&["keys"]).timeout(self.timeout).send().await?;
        let keys = keys
            .into_iter()
            .filter_map(|jwk| Some((jwk.kid, Key::from_base64url(&jwk.x)?)))
            .collect();
        let mut kept = self.keys.write().await;
        *kept = keys;
        Ok(kept.get(kid).cloned())
    }
}
