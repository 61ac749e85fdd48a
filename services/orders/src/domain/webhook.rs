//! Webhooks, and the rules they keep.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Kind, Malformed};

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
    /// The host that it leads to.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        url.host_str().map(str::to_owned)
    }

    /// The address in ASCII, as HTTP asks for it.
    pub fn to_ascii(&self) -> Result<String, Malformed> {
        Url::parse(&self.0).map(Into::into).map_err(|_| Self::malformed())
    }

    fn malformed() -> Malformed {
        Malformed::new("must be an http or https address without a password")
    }
}

impl TryFrom<String> for Endpoint {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let is_sound =
            |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.password().is_none();
        if text.len() <= LONGEST_URL && Url::parse(&text).is_ok_and(is_sound) {
            Ok(Self(text))
        } else {
            Err(Self::malformed())
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
        self.types.is_empty() || self.types.iter().any(|wanted| wanted.as_ref() == kind)
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
