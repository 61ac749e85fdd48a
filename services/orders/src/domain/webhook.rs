//! Webhooks, and the rules they keep.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Url;
use ring::hmac;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Malformed;

/// After failing for so long, a webhook is disabled.
const PATIENCE: TimeDelta = TimeDelta::days(5);
/// Between two tries, at most.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// Of an address, in bytes.
const LONGEST_URL: usize = 2000;

/// Where events are sent to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = "uri", max_length = 2000)]
pub struct Endpoint(String);

impl AsRef<str> for Endpoint {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Endpoint {
    /// Whether it certainly leads to this machine or a private network.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        let url = Url::parse(&self.0).ok();
        let host = url.as_ref().and_then(Url::host_str);
        host.is_none_or(https::is_inside)
    }
}

impl TryFrom<String> for Endpoint {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let is_sound =
            |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.password().is_none();
        match text.len() <= LONGEST_URL && Url::parse(&text).is_ok_and(is_sound) {
            true => Ok(Self(text)),
            false => Err(Malformed::new("must be an http or https address without a password")),
        }
    }
}

/// A type of event: `orders.order-completed.v1`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^orders\\.order-[a-z]+\\.v1$")]
pub struct Kind(String);

impl TryFrom<String> for Kind {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        match crate::events::KINDS.contains(&text.as_str()) {
            true => Ok(Self(text)),
            false => Err(Malformed::new(format!(
                "must be one of {}",
                crate::events::KINDS.join(", ")
            ))),
        }
    }
}

/// Whom to tell of what.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Wish {
    /// Where events are sent to
    pub url: Endpoint,
    /// Which; all where nothing is said
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub types: Vec<Kind>,
}

/// Signs what is sent, as [Standard Webhooks](https://www.standardwebhooks.com) have it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Secret(String);

impl Secret {
    const PREFIX: &'static str = "whsec_";

    /// The secret made of 32 random bytes.
    #[must_use]
    pub fn new(random: &[u8; 32]) -> Self {
        Self(Self::PREFIX.to_owned() + &BASE64_STANDARD.encode(random))
    }

    /// One that was kept.
    #[must_use]
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The signature of a message: `v1,<HMAC-SHA256 in base64>`.
    #[must_use]
    pub fn sign(&self, id: Uuid, at: DateTime<Utc>, body: &str) -> String {
        let key = self.0.trim_start_matches(Self::PREFIX);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64_STANDARD.decode(key).unwrap_or_default());
        let signature = hmac::sign(&key, format!("{id}.{}.{body}", at.timestamp()).as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(signature))
    }
}

/// Somebody who wants to hear of orders.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    /// Its name
    pub id: Uuid,
    /// Where events are sent to
    pub url: Endpoint,
    /// Which; empty: all
    #[schema(value_type = Vec<String>)]
    pub types: Vec<Kind>,
    /// Since when nothing arrives there, if it is so
    pub failing_since: Option<DateTime<Utc>>,
    /// Since when nothing is sent there any more, because nothing had arrived for five days
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was made
    pub created_at: DateTime<Utc>,
}

impl Webhook {
    /// Whether it wants to hear of such an event.
    #[must_use]
    pub fn wants(&self, kind: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|wanted| wanted.0 == kind)
    }

    /// Notes that nothing arrived: so many failures in a row make so long a pause, and too many are the end.
    pub fn fail(&mut self, tries: u32, now: DateTime<Utc>) -> DateTime<Utc> {
        let since = *self.failing_since.get_or_insert(now);
        if now - since >= PATIENCE {
            self.disabled_at = Some(now);
        }
        let pause = TimeDelta::seconds(1 << tries.min(20));
        now + pause.min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the [specification's reference libraries](https://github.com/standard-webhooks/standard-webhooks).
    #[test]
    fn a_signature_is_that_of_the_standard() {
        let secret = Secret::kept("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let key = hmac::Key::new(
            hmac::HMAC_SHA256,
            &BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap(),
        );
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let signature = secret.sign(Uuid::nil(), at, r#"{"test": 2432232314}"#);
        let bytes = BASE64_STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
        let signed = br#"00000000-0000-0000-0000-000000000000.1614265330.{"test": 2432232314}"#;
        assert!(hmac::verify(&key, signed, &bytes).is_ok());
    }

    #[test]
    fn pauses_grow_and_patience_ends() {
        let endpoint = Endpoint::try_from("https://example.org/hook".to_owned()).unwrap();
        let begun = DateTime::UNIX_EPOCH;
        let mut webhook = Webhook {
            id: Uuid::nil(),
            url: endpoint,
            types: Vec::new(),
            failing_since: None,
            disabled_at: None,
            created_at: begun,
        };
        assert_eq!(webhook.fail(1, begun), begun + TimeDelta::seconds(2));
        assert_eq!(webhook.fail(4, begun), begun + TimeDelta::seconds(16));
        assert_eq!(webhook.fail(40, begun), begun + LONGEST_PAUSE);
        webhook.fail(41, begun + PATIENCE - TimeDelta::seconds(1));
        assert_eq!(webhook.disabled_at, None);
        webhook.fail(42, begun + PATIENCE);
        assert!(webhook.disabled_at.is_some());
    }

    #[test]
    fn an_address_is_of_the_web() {
        for wrong in [
            "",
            "ftp://example.org",
            "example.org",
            "http://",
            "https://a:b@example.org/",
        ] {
            assert!(Endpoint::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
