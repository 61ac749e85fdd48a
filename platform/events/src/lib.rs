#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod amqp;
pub mod consumer;
mod event;
pub mod inbox;
mod metrics;
pub mod outbox;
mod settings;

pub use amqp::Broker;
pub use consumer::{Consumer, Handler, Subscription};
pub use event::Event;
pub use inbox::Inbox;
pub use outbox::{News, Outbox};
pub use settings::{Settings, Transport};

/// The migration of a part that publishes: the tables of its outbox.
pub const OUTBOX: (&str, &str) = ("outbox", include_str!("../migrations/outbox.sql"));
/// The migration of a part that consumes: what it has taken, how far it is, what it has parked.
pub const INBOX: (&str, &str) = ("inbox", include_str!("../migrations/inbox.sql"));
