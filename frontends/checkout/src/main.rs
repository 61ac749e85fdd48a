//! See the library.
fn main() -> std::process::ExitCode {
    service::main::<checkout_frontend::App>()
}
