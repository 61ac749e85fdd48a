//! Webhooks and their rules.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;
use values::{Malformed, text_type};

use super::EventType;

/// A webhook that has failed for this long is disabled.
const DISABLED_AFTER: TimeDelta = TimeDelta::days(5);
/// The longest pause between two attempts.
const MAX_PAUSE: TimeDelta = TimeDelta::hours(1);
/// Bytes of a URL, at most.
const MAX_URL_LENGTH: usize = 2000;

const MALFORMED_URL: Malformed = Malformed::Rule("must be an http or https URL without a password");

text_type!(
    /// The http or https URL that events are sent to, without a password. At most 2,000 bytes.
    #[schema(format = "uri", max_length = 2000)]
    pub struct WebhookUrl(|text| {
        let is_valid =
            |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.password().is_none();
        let is_url = text.len() <= MAX_URL_LENGTH && Url::parse(text).is_ok_and(is_valid);
        is_url.then(|| text.to_owned()).ok_or(MALFORMED_URL)
    });
);

impl WebhookUrl {
    #[must_use]
    pub fn host(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        url.host_str().map(str::to_owned)
    }

    /// The URL in ASCII, as HTTP requires.
    pub fn to_ascii(&self) -> Result<String, Malformed> {
        Url::parse(&self.0).map(Into::into).map_err(|_| MALFORMED_URL)
    }
}

/// Body of a request to create or change a webhook.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct WebhookInput {
    /// Where events are sent.
    pub url: WebhookUrl,
    /// The types of events to send, for example `orders.order-completed.v1`. All types if empty or absent.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub types: Vec<EventType>,
}

/// A webhook: a URL that events are sent to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    /// The webhook's id, chosen by the client that created it.
    pub id: Uuid,
    /// Where events are sent.
    pub url: WebhookUrl,
    /// The types of events that are sent. All types if empty.
    #[schema(value_type = Vec<String>)]
    pub types: Vec<EventType>,
    /// When deliveries began to fail; null if the last one succeeded.
    pub failing_since: Option<DateTime<Utc>>,
    /// When the webhook was disabled, after five days of failed deliveries; null if it is enabled.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When the webhook was created.
    pub created_at: DateTime<Utc>,
}

impl Webhook {
    /// Whether events of this type are sent to it.
    #[must_use]
    pub fn accepts(&self, event_type: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|accepted| accepted.as_ref() == event_type)
    }

    /// Records a failed delivery, and returns when to try again: the pause doubles with each of the `tries` in a row.
    /// Disables the webhook if deliveries have failed for too long.
    pub fn record_failure(&mut self, tries: u32, now: DateTime<Utc>) -> DateTime<Utc> {
        let since = *self.failing_since.get_or_insert(now);
        if now - since >= DISABLED_AFTER {
            self.disabled_at = Some(now);
        }
        let pause = TimeDelta::seconds(1 << tries.min(20));
        now + pause.min(MAX_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_webhook_is_retried_after_growing_pauses_and_then_disabled() {
        let url = WebhookUrl::try_from("https://example.org/hook".to_owned()).unwrap();
        let begun = DateTime::UNIX_EPOCH;
        let mut webhook = Webhook {
            id: Uuid::nil(),
            url,
            types: Vec::new(),
            failing_since: None,
            disabled_at: None,
            created_at: begun,
        };
        assert_eq!(webhook.record_failure(1, begun), begun + TimeDelta::seconds(2));
        assert_eq!(webhook.record_failure(4, begun), begun + TimeDelta::seconds(16));
        assert_eq!(webhook.record_failure(40, begun), begun + MAX_PAUSE);
        webhook.record_failure(41, begun + DISABLED_AFTER - TimeDelta::seconds(1));
        assert_eq!(webhook.disabled_at, None);
        webhook.record_failure(42, begun + DISABLED_AFTER);
        assert!(webhook.disabled_at.is_some());
    }

    #[test]
    fn webhook_url_is_http_or_https_without_a_password() {
        for wrong in [
            "",
            "ftp://example.org",
            "example.org",
            "http://",
            "https://a:b@example.org/",
        ] {
            assert!(WebhookUrl::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
