//! Fragments: what explore gives to every page.

pub mod footer;
pub mod header;
pub mod recommendations;
