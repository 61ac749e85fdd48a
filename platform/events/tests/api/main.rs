//! Tests of events through their public API, on each database.

#![expect(clippy::disallowed_methods, reason = "a test awaits its tasks")]

mod broker;
mod consumers;
mod doubles;
mod feeds;
mod index;
mod outbox;
mod panics;
mod parked;
mod things;
mod traces;
