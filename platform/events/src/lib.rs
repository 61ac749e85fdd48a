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
pub use outbox::{Changes, Outbox};
pub use settings::{Settings, Transport};

/// The migration of a part that publishes events: the tables of its outbox.
pub const OUTBOX: (&str, &str) = ("outbox", include_str!("../migrations/outbox.sql"));
/// The first migration of a part that consumes events: processed events, cursors, parked events. [`INBOX_ATTEMPTS`] follows.
pub const INBOX: (&str, &str) = ("inbox", include_str!("../migrations/inbox.sql"));
/// The second migration of a part that consumes events, to be added to the end of its list: renames `tries` to `attempts`.
pub const INBOX_ATTEMPTS: (&str, &str) = ("inbox-attempts", include_str!("../migrations/inbox-attempts.sql"));
