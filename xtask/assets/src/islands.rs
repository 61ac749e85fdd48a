//! Islands: from a Rust crate to a small module that a browser loads late.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use wasm_bindgen_cli_support::Bindgen;

use crate::error::{Error, Result};
use crate::toolchain::Toolchain;
use crate::workspace::{Workspace, run, step};
use crate::{debian, files};

/// Named one by one: with all features, wasm-opt emits proposals that browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// Builds the islands of these frontends; gives the folder of each that has some, ready to be copied.
pub fn build(workspace: &Workspace, frontends: &[String]) -> Result<Vec<(String, PathBuf)>> {
    let mut islands = workspace.islands();
    islands.retain(|name| frontends.iter().any(|frontend| frontend == name));
    if islands.is_empty() {
        return Ok(Vec::new());
    }
    let toolchain = Toolchain::find()?;
    let tools = Tools::install(workspace)?;
    let mut bundles = Vec::new();
    for frontend in islands {
        step(&format!("building the islands of {frontend}"));
        let module = toolchain.compile(workspace, &format!("{frontend}-islands"))?;
        let folder = workspace.target.join("islands/bundles").join(frontend);
        bundle(&module, &folder, &tools)?;
        bundles.push((frontend.to_owned(), folder));
    }
    Ok(bundles)
}

/// Does nothing when the module is the one that made what is there.
fn bundle(module: &Path, folder: &Path, tools: &Tools) -> Result<()> {
    let stamp = folder.with_extension("stamp");
    let made_of = stamp_of(module, tools)?;
    if fs::read_to_string(&stamp).is_ok_and(|last| last == made_of) {
        return Ok(());
    }
    files::empty(folder)?;
    bind(module, folder)?;
    tools.shrink(folder)?;
    files::compress(folder)?;
    files::write(&stamp, made_of)
}

fn stamp_of(module: &Path, tools: &Tools) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    fs::read(module)
        .map_err(|error| Error::at(module, error))?
        .hash(&mut hasher);
    tools.lock.hash(&mut hasher);
    include_str!("islands.rs").hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

/// The JavaScript around the module; it finds the module next to itself.
fn bind(module: &Path, folder: &Path) -> Result<()> {
    let failed = |error: &dyn std::fmt::Display| Error(format!("wasm-bindgen: {error:#}"));
    Bindgen::new()
        .input_path(module)
        .out_name("islands")
        .web(true)
        .map_err(|error| failed(&error))?
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .map_err(|error| failed(&error))
}

/// Programs from npm, their versions fixed by `xtask/tools/package-lock.json`.
pub struct Tools {
    folder: PathBuf,
    lock: String,
}

impl Tools {
    /// Installs them where they are not there yet.
    pub fn install(workspace: &Workspace) -> Result<Self> {
        let source = workspace.root.join("xtask/tools");
        let folder = workspace.target.join("tools");
        let lock = files::read(&source.join("package-lock.json"))?;
        let tools = Self { folder, lock };
        let installed = tools.folder.join("installed.json");
        if fs::read_to_string(&installed).is_ok_and(|last| last == tools.lock) {
            return Ok(tools);
        }
        let npm = debian::npm()?;
        step("installing wasm-opt and esbuild");
        files::copy(&source, &tools.folder)?;
        let mut command = Command::new(npm);
        command.current_dir(&tools.folder).args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]);
        run(&mut command)?;
        files::write(&installed, &tools.lock)?;
        Ok(tools)
    }

    /// Makes a module and its JavaScript as small as they get.
    fn shrink(&self, folder: &Path) -> Result<()> {
        let module = folder.join("islands_bg.wasm");
        run(self
            .program("wasm-opt")
            .arg("-Oz")
            .args(FEATURES)
            .arg(&module)
            .arg("-o")
            .arg(&module))?;
        let script = folder.join("islands.js");
        self.minify_js(&script, &script)
    }

    /// Makes one small script of a script and what it imports.
    pub fn minify_js(&self, script: &Path, output: &Path) -> Result<()> {
        let mut command = self.program("esbuild");
        command.arg(script).args([
            "--bundle",
            "--minify",
            "--format=esm",
            "--target=es2022",
            "--log-level=error",
        ]);
        run(command
            .arg("--allow-overwrite")
            .arg(format!("--outfile={}", output.display())))
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join("node_modules/.bin").join(name));
        // A shell's colours and flags for node are not for its tools.
        command.env_remove("NODE_OPTIONS").current_dir(env::temp_dir());
        command
    }
}
