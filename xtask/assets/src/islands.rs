//! Islands: from a Rust crate to a small module that a browser loads late.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use machine::{Checkout, Error, Result, files, step};
use wasm_bindgen_cli_support::Bindgen;

use crate::compress::compress;
use crate::minify::Minifiers;
use crate::toolchain::Toolchain;

/// Builds the islands of these frontends. Returns the folder of each that has some, ready to be copied.
pub fn build(checkout: &Checkout, frontends: &[String], minifiers: &Minifiers) -> Result<Vec<(String, PathBuf)>> {
    let has_islands = |frontend: &&String| {
        let folder = checkout.root.join("frontends").join(frontend);
        folder.join("islands/Cargo.toml").exists()
    };
    let islands: Vec<_> = frontends.iter().filter(has_islands).collect();
    if islands.is_empty() {
        return Ok(Vec::new());
    }
    let toolchain = Toolchain::find()?;
    let mut bundles = Vec::new();
    for frontend in islands {
        let folder = checkout.target.join("islands/bundles").join(frontend);
        let first = if folder.exists() {
            ""
        } else {
            ", some minutes this first time"
        };
        step(&format!("building the islands of {frontend}{first}"));
        let module = toolchain.compile(checkout, &format!("{frontend}-islands"))?;
        bundle(&module, &folder, minifiers)?;
        bundles.push((frontend.clone(), folder));
    }
    Ok(bundles)
}

/// Does nothing if this module was processed before.
fn bundle(module: &Path, folder: &Path, minifiers: &Minifiers) -> Result<()> {
    let stamp = folder.with_extension("stamp");
    let made_of = stamp_of(module, minifiers)?;
    if fs::read_to_string(&stamp).is_ok_and(|last| last == made_of) {
        return Ok(());
    }
    step("making them small: wasm-bindgen, wasm-opt, esbuild, brotli");
    files::empty(folder)?;
    bind(module, folder)?;
    minifiers.shrink(folder)?;
    compress(folder)?;
    files::write(&stamp, made_of)
}

fn stamp_of(module: &Path, minifiers: &Minifiers) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    fs::read(module)
        .map_err(|error| Error::at(module, error))?
        .hash(&mut hasher);
    minifiers.lock.hash(&mut hasher);
    for source in [include_str!("islands.rs"), include_str!("minify.rs")] {
        source.hash(&mut hasher);
    }
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
