//! The shell through its public door, in front of doubles of frontends.

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
