//! See the library.
fn main() -> std::process::ExitCode {
    service::main::<explore_frontend::App>()
}
