//! The secret that signs a webhook's events, as [Standard Webhooks](https://www.standardwebhooks.com) defines it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::{Webhook as Signer, WebhookError};
use utoipa::ToSchema;

const PREFIX: &str = "whsec_";
/// Characters of base64 that hold 24 bytes, the least that the standard allows.
const MIN_KEY_LENGTH: usize = 32;

/// A secret of [Standard Webhooks](https://www.standardwebhooks.com): `whsec_` and a base64 key of at least 24 bytes.
#[derive(Clone, Debug, ToSchema)]
#[schema(value_type = String)]
pub struct WebhookSecret(SecretString);

/// Why a secret cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a secret cannot be made")]
    Generate,
    #[error("not a secret of Standard Webhooks: whsec_ and at least 24 bytes in base64")]
    Read,
}

impl WebhookSecret {
    /// Makes a secret of 32 random bytes.
    pub fn generate() -> Result<Self, Error> {
        let mut random = [0; 32];
        SystemRandom::new().fill(&mut random).map_err(|_| Error::Generate)?;
        Ok(Self((PREFIX.to_owned() + &BASE64_STANDARD.encode(random)).into()))
    }

    /// The text, for the database and for receivers that verify signatures.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Signs a message: `v1,<HMAC-SHA256 in base64>`.
    pub fn sign(&self, id: &str, at: DateTime<Utc>, body: &str) -> Result<String, WebhookError> {
        Signer::new(self.expose())?.sign(id, at.timestamp(), body.as_bytes())
    }
}

impl TryFrom<String> for WebhookSecret {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let is_long_enough = text.strip_prefix(PREFIX).is_some_and(|key| key.len() >= MIN_KEY_LENGTH);
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
    fn signature_is_the_one_of_the_standards_example() {
        let secret = WebhookSecret::try_from(KEY.to_owned()).unwrap();
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
        assert_eq!(signature.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn generated_secret_can_be_read() {
        let secret = WebhookSecret::generate().unwrap();
        assert_eq!(
            WebhookSecret::try_from(secret.expose().to_owned()).unwrap().expose(),
            secret.expose()
        );
        assert_ne!(WebhookSecret::generate().unwrap().expose(), secret.expose());
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
            let error = WebhookSecret::try_from(wrong.to_owned()).unwrap_err().to_string();
            assert!(wrong.is_empty() || !error.contains(wrong) || wrong == PREFIX, "{error}");
        }
    }
}
