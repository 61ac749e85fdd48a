//! Verification of statements that other parts sign: compact JWS ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)) with
//! Ed25519 keys ([RFC 8037](https://www.rfc-editor.org/rfc/rfc8037)). Other algorithms and serializations are rejected.
//!
//! Invariants: before a token's signature is verified, nothing of it is used but the id of its key. A key that its part has
//! withdrawn is trusted for at most five more minutes, provided that the part answers.

#![warn(missing_docs)]

mod token;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use service::{CallError, Client, causes};
use tokio::sync::RwLock;
use tokio::time::Instant;

use token::{Key, Unverified};

/// Verifies tokens of one part with the public keys that it publishes under `/keys` as a JWK set
/// ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)). Keys are cached for five minutes. They are fetched again after that,
/// or when a token names an unknown key, but at most once a second. If they cannot be fetched, the cached ones are used.
/// Clones share the cache.
#[derive(Clone, Debug)]
pub struct Verifier {
    client: Client,
    timeout: Duration,
    keys: Arc<RwLock<Kept>>,
}

/// Cached keys.
#[derive(Debug, Default)]
struct Kept {
    keys: HashMap<String, Key>,
    asked: Option<Instant>,
    fetched: Option<Instant>,
}

/// How long keys are used without being fetched again.
const FRESH: Duration = Duration::from_mins(5);
/// The shortest time between two fetches.
const PAUSE: Duration = Duration::from_secs(1);

impl Kept {
    fn is_fresh(&self) -> bool {
        self.fetched.is_some_and(|fetched| fetched.elapsed() < FRESH)
    }

    /// Returns whether it is too early to fetch again.
    fn has_just_asked(&self) -> bool {
        self.fetched.is_some() && self.asked.is_some_and(|asked| asked.elapsed() < PAUSE)
    }
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
    /// Creates a verifier for the part behind `client`. Fetching keys takes at most `timeout`.
    #[must_use]
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self {
            client,
            timeout,
            keys: Arc::default(),
        }
    }

    /// Returns the token's payload (JSON) if the part has signed it, else `None`. Claims such as an expiry are not checked.
    ///
    /// # Errors
    /// The keys have to be fetched, and the part does not answer.
    pub async fn verify(&self, token: &str) -> Result<Option<Vec<u8>>, CallError> {
        let Some(unverified) = Unverified::parse(token) else {
            return Ok(None);
        };
        let key = self.key(&unverified.kid).await?;
        Ok(key.and_then(|key| unverified.verify(&key)))
    }

    /// Finds a key by its id. An unknown id may be that of a new key, so keys are fetched.
    async fn key(&self, kid: &str) -> Result<Option<Key>, CallError> {
        let known = {
            let kept = self.keys.read().await;
            let known = kept.keys.get(kid).cloned();
            if (known.is_some() && kept.is_fresh()) || kept.has_just_asked() {
                return Ok(known);
            }
            known
        };
        self.keys.write().await.asked = Some(Instant::now());
        let fetched: Result<Keys, CallError> = self.client.get(&["keys"]).timeout(self.timeout).send().await;
        let Keys { keys } = match (fetched, known) {
            (Ok(keys), _) => keys,
            (Err(error), Some(known)) => {
                tracing::warn!(
                    upstream = error.part(),
                    error = causes(&error),
                    "cached keys are used: new ones cannot be fetched"
                );
                return Ok(Some(known));
            }
            (Err(error), None) => return Err(error),
        };
        let mut kept = self.keys.write().await;
        kept.keys = keys
            .into_iter()
            .filter_map(|jwk| Some((jwk.kid, Key::from_base64url(&jwk.x)?)))
            .collect();
        kept.fetched = Some(Instant::now());
        Ok(kept.keys.get(kid).cloned())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use serde_json::json;
    use testkit::wiremock::matchers::path;
    use testkit::wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    /// A token that names this key.
    fn token(kid: &str) -> String {
        let header = json!({ "alg": "EdDSA", "kid": kid }).to_string();
        format!("{}.e30.AA", BASE64_URL_SAFE_NO_PAD.encode(header))
    }

    #[tokio::test]
    async fn unknown_key_ids_are_fetched_once_a_second() {
        let part = MockServer::start().await;
        let none = ResponseTemplate::new(200).set_body_json(json!({ "keys": [] }));
        Mock::given(path("/keys")).respond_with(none).mount(&part).await;
        let client = Client::new("part", part.uri().parse().unwrap());
        let verifier = Verifier::new(client, Duration::from_secs(2));
        let begun = Instant::now();
        for number in 0..50 {
            let claims = verifier.verify(&token(&number.to_string())).await.unwrap();
            assert!(claims.is_none());
        }
        let asked = part.received_requests().await.unwrap().len();
        let seconds = usize::try_from(begun.elapsed().as_secs()).unwrap();
        assert!((1..=seconds + 1).contains(&asked), "{asked} times in {seconds} s");
    }
}
