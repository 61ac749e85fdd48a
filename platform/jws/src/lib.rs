//! Signed statements of other parts: compact JWS ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)) with Ed25519 keys
//! ([RFC 8037](https://www.rfc-editor.org/rfc/rfc8037)), and nothing else of that family.
//!
//! Invariants: nothing of a token but the name of its key is read before its signature is verified; a key that its
//! part no longer publishes is believed for five minutes more at most, while that part answers.

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

/// Verifies what one part signs, with the public keys that it publishes under `/keys` as a JWK set
/// ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)). They are fetched once and kept, and fetched anew after five minutes,
/// so that a key that was taken back is soon believed no longer, or where a token names another one; once a second at most,
/// whatever strangers make up. What was fetched last stands in for an answer that does not come. Clones share them.
#[derive(Clone, Debug)]
pub struct Verifier {
    client: Client,
    timeout: Duration,
    keys: Arc<RwLock<Kept>>,
}

/// What was fetched, and when.
#[derive(Debug, Default)]
struct Kept {
    keys: HashMap<String, Key>,
    asked: Option<Instant>,
    fetched: Option<Instant>,
}

/// Keys are believed without being asked for again.
const FRESH: Duration = Duration::from_mins(5);
/// Between two times that they are asked for.
const PAUSE: Duration = Duration::from_secs(1);

impl Kept {
    fn is_fresh(&self) -> bool {
        self.fetched.is_some_and(|fetched| fetched.elapsed() < FRESH)
    }

    /// Whether it is too early to ask again.
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
                    "older keys are used: new ones cannot be fetched"
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

    /// A token that names a key of this name.
    fn token(kid: &str) -> String {
        let header = json!({ "alg": "EdDSA", "kid": kid }).to_string();
        format!("{}.e30.AA", BASE64_URL_SAFE_NO_PAD.encode(header))
    }

    #[tokio::test]
    async fn what_strangers_make_up_is_asked_for_once_a_second() {
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
