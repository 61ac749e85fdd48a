#![doc = include_str!("../README.md")]

pub mod build;
mod control;
pub mod demo;
pub mod events;
pub mod http;
mod origin;
mod ports;
mod process;
pub mod program;
mod protocol;
mod servers;
mod settings;
mod shop;
pub mod signals;
pub mod topology;
pub mod up;
mod workspace;

pub use shop::{Plan, Shop};
pub use workspace::{Profile, Workspace};
