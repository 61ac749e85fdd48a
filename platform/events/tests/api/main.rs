//! Events through their public door, on every database there is.

mod broker;
mod consumers;
mod doubles;
mod feeds;
mod index;
mod outbox;
mod parked;
mod things;
mod traces;
