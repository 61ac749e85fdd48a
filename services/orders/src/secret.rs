//! What the events for a webhook are signed with, as [Standard Webhooks](https://www.standardwebhooks.com) have it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::{Webhook as Signer, WebhookError};
use utoipa::ToSchema;

const PREFIX: &str = "whsec_";
/// The standard asks for 24 bytes at least: that many characters in base64.
const SHORTEST: usize = 32;

/// Signs what is sent, as [Standard Webhooks](https://www.standardwebhooks.com) have it.
#[derive(Clone, Debug, ToSchema)]
#[schema(value_type = String)]
pub struct Secret(SecretString);

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system gives no random bytes.
    #[error("a secret cannot be made")]
    Generate,
    /// The text is none that anything may be signed with.
    #[error("not a secret of Standard Webhooks: whsec_ and at least 24 bytes in base64")]
    Read,
}

impl Secret {
    /// A new one, of 32 random bytes.
    pub fn generate() -> Result<Self, Error> {
        let mut random = [0; 32];
        SystemRandom::new().fill(&mut random).map_err(|_| Error::Generate)?;
        Ok(Self((PREFIX.to_owned() + &BASE64_STANDARD.encode(random)).into()))
    }

    /// The text: for the database, and for who verifies what is sent.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// The signature of a message: `v1,<HMAC-SHA256 in base64>`.
    pub fn sign(&self, id: &str, at: DateTime<Utc>, body: &str) -> Result<String, WebhookError> {
        Signer::new(self.reveal())?.sign(id, at.timestamp(), body.as_bytes())
    }
}

impl TryFrom<String> for Secret {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let is_long_enough = text.strip_prefix(PREFIX).is_some_and(|key| key.len() >= SHORTEST);
        if is_long_enough && Signer::new(&text).is_ok() {
            Ok(Self(text.into()))
        } else {
            Err(Error::Read)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the standard's [reference libraries](https://github.com/standard-webhooks/standard-webhooks) share.
    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn signature_is_that_of_the_standard() {
        let secret = Secret::try_from(KEY.to_owned()).unwrap();
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
        assert_eq!(signature.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn new_secret_is_one_that_can_be_read() {
        let secret = Secret::generate().unwrap();
        assert_eq!(
            Secret::try_from(secret.reveal().to_owned()).unwrap().reveal(),
            secret.reveal()
        );
        assert_ne!(Secret::generate().unwrap().reveal(), secret.reveal());
    }

    #[test]
    fn secret_that_does_not_decode_is_refused() {
        for wrong in [
            "",
            "whsec_",
            "whsec_MfKQ",
            &KEY.replace('f', "?"),
            &KEY[..KEY.len() - 1],
            KEY.trim_start_matches(PREFIX),
        ] {
            let error = Secret::try_from(wrong.to_owned()).unwrap_err().to_string();
            assert!(wrong.is_empty() || !error.contains(wrong) || wrong == PREFIX, "{error}");
        }
    }
}
