//! Tests of the shell's HTTP interface, in front of doubles of frontends.

#![expect(clippy::disallowed_methods, reason = "tests wait for the tasks they spawn")]

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
