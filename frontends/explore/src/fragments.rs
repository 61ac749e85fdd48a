//! Fragments for the pages of all frontends.

pub mod footer;
pub mod header;
pub mod recommendations;
