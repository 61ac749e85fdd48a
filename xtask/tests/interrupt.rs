//! Signals while a tool is built.

#[path = "interrupt/signal.rs"]
mod signal;

#[test]
fn sigterm_ends_the_build_of_a_tool_and_all_that_it_started() {
    signal::is_heeded(env!("CARGO_BIN_EXE_xtask"));
}
