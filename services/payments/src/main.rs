//! See the library.
fn main() -> std::process::ExitCode {
    service::main::<payments::App>()
}
