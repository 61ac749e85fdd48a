//! Signals while servers are built.

#[path = "../../tests/interrupt/signal.rs"]
mod signal;

#[test]
fn sigterm_ends_the_build_of_servers_and_all_that_it_started() {
    signal::is_heeded(env!("CARGO_BIN_EXE_shop"));
}
