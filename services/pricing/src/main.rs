//! See the library.
fn main() -> std::process::ExitCode {
    service::main::<pricing::App>()
}
