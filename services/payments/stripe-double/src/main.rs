//! See the library.
fn main() -> std::process::ExitCode {
    service::main::<stripe_double::App>()
}
