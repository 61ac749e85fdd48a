//! Events through their public door, on every database there is.

mod feeds;
mod outbox;
mod things;
