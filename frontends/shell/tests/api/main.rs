//! The shell through its public door, in front of doubles of frontends.

#![expect(
    clippy::disallowed_methods,
    reason = "a test waits for its tasks, and sees what becomes of them"
)]

mod assets;
mod causes;
mod compose;
mod discovery;
mod esi;
mod forward;
mod policy;
mod replicas;
mod shop;
mod sockets;
