//! The compiler for WebAssembly: the active toolchain where it has the target, else Debian's.

use std::path::{Path, PathBuf};
use std::process::Command;

use machine::{Checkout, Error, Result, ask, cargo, debian, fail, run, step};

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// A compiler for islands.
#[derive(Debug)]
pub enum Toolchain {
    /// The toolchain that builds the servers.
    Active,
    /// Debian's compiler, which builds the standard library as well.
    Debian {
        /// Links WebAssembly; Debian's own comes with no linker.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// The first that works, starting with the cheapest.
    pub fn find() -> Result<Self> {
        if is_active() {
            return Ok(Self::Active);
        }
        // Before rustup, which waits for its servers each time where they cannot be reached.
        if debian::has(&PACKAGES) {
            return Self::debian();
        }
        step(&format!(
            "installing the WebAssembly target: rustup target add {TARGET}"
        ));
        let added = Command::new("rustup").args(["target", "add", TARGET]).status();
        if added.is_ok_and(|status| status.success()) && is_active() {
            return Ok(Self::Active);
        }
        debian::install(&PACKAGES, "a compiler for WebAssembly").map_err(|error| {
            Error(format!(
                "{error}\n  or, where its servers can be reached: rustup target add {TARGET}"
            ))
        })?;
        Self::debian()
    }

    fn debian() -> Result<Self> {
        let linker = rust_lld().or_else(|| debian::program(&["wasm-ld", "rust-lld"]));
        match linker {
            Some(linker) => Ok(Self::Debian { linker }),
            None => fail("no linker for WebAssembly. Run: sudo apt-get install lld"),
        }
    }

    /// Compiles an islands crate. Returns the path of the module.
    pub fn compile(&self, checkout: &Checkout, package: &str) -> Result<PathBuf> {
        let folder = self.folder(&checkout.target);
        let mut command = self.cargo();
        command
            .current_dir(&checkout.root)
            .args([
                "rustc",
                "--locked",
                "--lib",
                "--crate-type=cdylib",
                "--profile=islands",
                "--features=hydrate",
            ])
            .args(["--package", package, "--target", TARGET, "--target-dir"])
            .arg(&folder)
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if matches!(self, Self::Debian { .. }) {
            command.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
        }
        run(&mut command).map_err(|error| Error(format!("{package}: {error}")))?;
        Ok(folder
            .join(TARGET)
            .join("islands")
            .join(package.replace('-', "_"))
            .with_extension("wasm"))
    }

    /// Two compilers that share a folder would rebuild everything at each switch.
    fn folder(&self, target: &Path) -> PathBuf {
        target.join(match self {
            Self::Active => "islands",
            Self::Debian { .. } => "islands-debian",
        })
    }

    fn cargo(&self) -> Command {
        let Self::Debian { linker } = self else { return cargo() };
        let mut command = Command::new("/usr/bin/cargo");
        command
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none",
            );
        // Variables of rustup's cargo would lead Debian's to the wrong compiler and libraries.
        for name in [
            "CARGO",
            "RUSTDOC",
            "RUSTUP_TOOLCHAIN",
            "LD_LIBRARY_PATH",
            "RUSTC_WRAPPER",
        ] {
            command.env_remove(name);
        }
        command
    }
}

fn is_active() -> bool {
    let folder = ask(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_some_and(|folder| Path::new(&folder).is_dir())
}

/// The linker that comes with the active toolchain.
fn rust_lld() -> Option<PathBuf> {
    let root = PathBuf::from(ask(Command::new("rustc").args(["--print", "sysroot"]))?);
    let hosts = root.join("lib/rustlib").read_dir().ok()?;
    hosts
        .flatten()
        .map(|host| host.path().join("bin/rust-lld"))
        .find(|file| file.is_file())
}
