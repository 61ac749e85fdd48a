//! Settings of all parts with events.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use storage::clock;

use crate::amqp::Broker;

/// How events travel from the parts that publish to those that consume.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Transport {
    /// Consumers read the publishers' feeds. No broker is needed.
    Feeds,
    /// A `RabbitMQ` broker at this address.
    Amqp(Broker),
}

impl FromStr for Transport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            None if text == "feeds" => Ok(Self::Feeds),
            Some(("amqp", rest)) if !rest.is_empty() => text.parse().map(Self::Amqp),
            _ => Err("neither feeds nor amqp://user:password@host:port/vhost".to_owned()),
        }
    }
}

/// Settings of events, to be flattened into a part's own.
// The group needs a name of its own: the default is the type's name, and every part has `Settings`.
#[derive(Args, Clone, Debug)]
#[group(id = "EventSettings")]
pub struct Settings {
    /// How events travel: feeds, or <amqp://user:password@host:port/vhost>
    #[arg(
        long = "events",
        env = "STOA_EVENTS",
        default_value = "feeds",
        hide_env_values = true
    )]
    pub transport: Transport,
    /// Attempts to handle an event before it is parked
    #[arg(long = "events-tries", env = "STOA_EVENTS_TRIES", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub attempts: u32,
    /// Milliseconds before the second attempt; each further pause is twice as long, and jitter adds up to as much again
    #[arg(long = "events-pause-ms", env = "STOA_EVENTS_PAUSE_MS", default_value_t = 100)]
    pub pause_ms: u64,
    /// Seconds after which another replica takes over from one that has died
    #[arg(long = "events-lease-seconds", env = "STOA_EVENTS_LEASE_SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub lease_seconds: u64,
    /// Days that published events are kept for consumers that read the feed
    #[arg(long = "events-days", env = "STOA_EVENTS_DAYS", default_value_t = 30)]
    pub days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            transport: Transport::Feeds,
            attempts: 5,
            pause_ms: 100,
            lease_seconds: 10,
            days: 30,
        }
    }
}

impl Settings {
    /// The duration of a lease, and the timeout of a handler.
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds)
    }

    /// When a lease that begins now expires.
    pub(crate) fn until(&self) -> DateTime<Utc> {
        clock::now() + self.lease()
    }

    /// Events from before this time are deleted.
    pub(crate) fn kept_from(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - Duration::from_hours(24) * self.days
    }

    /// Records from before this time are deleted. They are kept longer than events, since a source may keep its events longer
    /// than this part does.
    pub(crate) fn remembered_from(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - Duration::from_hours(24) * self.days * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }

    #[test]
    fn defaults_are_those_of_the_command_line() {
        let parsed = Cli::try_parse_from(["part"]).unwrap().settings;
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Settings::default()));
    }

    #[test]
    fn every_setting_and_metric_is_in_the_handbook() {
        let path = testkit::repository("docs/operating.md");
        let handbook = std::fs::read_to_string(path).unwrap();
        let command = Cli::command();
        let variables = command.get_arguments().filter_map(clap::Arg::get_env);
        for variable in variables.map(|name| name.to_str().unwrap()) {
            assert!(handbook.contains(&format!("`{variable}`")), "{variable}");
        }
        for metric in crate::metrics::ALL {
            assert!(handbook.contains(&format!("`{metric}`")), "{metric}");
        }
    }

    #[test]
    fn transport_is_feeds_or_a_broker() {
        assert_eq!("feeds".parse(), Ok(Transport::Feeds));
        let broker: Transport = "amqp://user:sesame@127.0.0.1:5672/%2f".parse().unwrap();
        assert!(matches!(broker, Transport::Amqp(_)));
        assert_eq!(format!("{broker:?}"), "Amqp(amqp://127.0.0.1:5672//)");
        for wrong in ["", "feed", "amqp://", "http://127.0.0.1", "amqp://user:sesame@[::1"] {
            let error = wrong.parse::<Transport>().unwrap_err();
            assert!(!error.contains("sesame"), "{error}");
        }
    }
}
