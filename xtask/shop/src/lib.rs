#![doc = include_str!("../README.md")]

pub mod build;
pub mod demo;
mod door;
pub mod events;
pub mod http;
mod origin;
mod ports;
mod process;
pub mod program;
mod servers;
mod settings;
mod shop;
pub mod signals;
pub mod topology;
pub mod up;
mod wish;
mod workspace;

pub use shop::{Plan, Shop};
pub use workspace::{Profile, Workspace};
