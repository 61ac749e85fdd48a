//! Minifies modules, scripts and style sheets.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use machine::npm::Packages;
use machine::{Checkout, Result, files, run};

/// Named one by one: with all features, wasm-opt emits proposals that browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// Programs from npm, their versions fixed by `xtask/tools/package-lock.json`.
pub struct Minifiers {
    folder: PathBuf,
    /// The lock file of what is installed.
    pub lock: String,
}

impl Minifiers {
    /// Installs them if they are missing.
    pub fn install(checkout: &Checkout) -> Result<Self> {
        let (source, folder) = (checkout.root.join("xtask/tools"), checkout.target.join("tools"));
        let packages = Packages {
            what: "wasm-opt and esbuild",
            source: &source,
            folder: &folder,
            flags: &["--ignore-scripts"],
            programs: &["wasm-opt", "esbuild"],
        };
        packages.install()?;
        let lock = files::read(&source.join("package-lock.json"))?;
        Ok(Self { folder, lock })
    }

    /// Minifies a module and its JavaScript.
    pub fn shrink(&self, folder: &Path) -> Result<()> {
        let module = folder.join("islands_bg.wasm");
        let mut command = self.program("wasm-opt");
        command.arg("-Oz").args(FEATURES).arg(&module);
        run(command.arg("-o").arg(&module))?;
        let script = folder.join("islands.js");
        self.script(&script, &script)
    }

    /// Bundles and minifies a script with its imports.
    pub fn script(&self, script: &Path, output: &Path) -> Result<()> {
        let words = ["--bundle", "--format=esm", "--target=es2022"];
        run(self.esbuild(script, output).args(words))
    }

    /// Minifies a style sheet.
    pub fn style(&self, sheet: &Path, output: &Path) -> Result<()> {
        // Only a warning by default, because browsers skip what they do not understand.
        run(self.esbuild(sheet, output).arg("--log-override:css-syntax-error=error"))
    }

    fn esbuild(&self, input: &Path, output: &Path) -> Command {
        let mut command = self.program("esbuild");
        command.arg(input).args(["--minify", "--allow-overwrite"]);
        command.args(["--log-level=error", &format!("--outfile={}", output.display())]);
        command
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join("node_modules/.bin").join(name));
        // Node flags of the caller's shell are not meant for these tools.
        command.env_remove("NODE_OPTIONS").current_dir(env::temp_dir());
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `None` where npm is missing; the unit stage installs it.
    fn minifiers() -> Option<Minifiers> {
        machine::debian::program(&["npm"])?;
        let root = Path::new(&env::var_os("CARGO_MANIFEST_DIR")?).join("../..");
        // The test is in its folder `debug/deps`.
        let target = env::current_exe().ok()?.ancestors().nth(3)?.to_owned();
        Some(Minifiers::install(&Checkout { root, target }).unwrap())
    }

    fn small(css: &str) -> Option<Result<String>> {
        let folder = tempfile::tempdir().unwrap();
        let (sheet, output) = (folder.path().join("style.css"), folder.path().join("small.css"));
        files::write(&sheet, css).unwrap();
        let outcome = minifiers()?.style(&sheet, &output);
        Some(outcome.and_then(|()| files::read(&output)))
    }

    #[test]
    fn modern_css_survives() {
        let css = "@layer product { @scope ([data-frontend=\"product\"]) { .price { color: var(--ink); } } }";
        let Some(small) = small(css) else { return };
        let small = small.unwrap();
        assert!(small.contains("@scope") && small.contains("@layer product"), "{small}");
        assert!(small.len() < css.len());
    }

    #[test]
    fn a_broken_style_sheet_is_refused() {
        for (css, refused) in [("a {}", false), ("@media screen { a { ", true), ("}} a {", true)] {
            let Some(small) = small(css) else { return };
            assert_eq!(small.is_err(), refused, "{css}");
        }
    }
}
