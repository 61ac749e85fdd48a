//! See the library.
fn main() -> std::process::ExitCode {
    service::main::<product_frontend::App>()
}
