//! See the library.
fn main() -> std::process::ExitCode {
    service::main::<orders::App>()
}
