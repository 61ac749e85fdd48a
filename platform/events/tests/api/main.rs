//! Events through their public door, on every database there is.

#![expect(
    clippy::disallowed_methods,
    reason = "a test waits for its tasks, and sees what becomes of them"
)]

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
