//! The static files of frontends, with their islands.

use std::fs;
use std::path::Path;

use machine::{Checkout, Error, Result, files, step};

use crate::compress::compress;
use crate::islands;
use crate::minify::Minifiers;

const FOLDERS: [&str; 3] = ["fonts", "icons", "pictures"];
const FILES: [&str; 7] = ["ico", "js", "png", "speculationrules", "svg", "txt", "webmanifest"];

/// Makes the static files of these frontends.
pub fn build(checkout: &Checkout, frontends: &[String]) -> Result<()> {
    let minifiers = Minifiers::install(checkout)?;
    let bundles = islands::build(checkout, frontends, &minifiers)?;
    step("preparing style sheets and static files");
    for frontend in frontends {
        let output = checkout.target.join("frontends").join(frontend);
        files::empty(&output)?;
        let style = checkout.root.join("frontends").join(frontend).join("style.css");
        if style.exists() {
            minifiers.style(&style, &output.join("style.css"))?;
        }
        if frontend == "shell" {
            shared(checkout, &output, &minifiers)?;
        }
        compress(&output)?;
        if let Some((_, bundle)) = bundles.iter().find(|(name, _)| name == frontend) {
            files::copy(bundle, &output)?;
            report(frontend, &output);
        }
    }
    Ok(())
}

/// Files of all frontends, which the shell serves.
fn shared(checkout: &Checkout, output: &Path, minifiers: &Minifiers) -> Result<()> {
    let assets = checkout.root.join("assets");
    let sheets = ["tokens.css", "base.css"].map(|name| files::read(&assets.join(name)));
    let css = sheets.into_iter().collect::<Result<Vec<_>>>()?.join("\n");
    let base = output.join("base.css");
    files::write(&base, css)?;
    minifiers.style(&base, &base)?;
    for folder in FOLDERS
        .map(|name| assets.join(name))
        .iter()
        .filter(|folder| folder.is_dir())
    {
        files::copy(folder, &output.join(folder.file_name().unwrap_or_default()))?;
    }
    for entry in assets.read_dir().map_err(|error| Error::at(&assets, error))?.flatten() {
        let path = entry.path();
        let extension = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        if path.is_file() && FILES.contains(&extension) {
            let copy = output.join(entry.file_name());
            match extension {
                "js" => minifiers.script(&path, &copy)?,
                _ => drop(fs::copy(&path, &copy).map_err(|error| Error::at(&path, error))?),
            }
        }
    }
    Ok(())
}

fn report(frontend: &str, output: &Path) {
    let size = |name: &str| fs::metadata(output.join(name)).map_or(0, |file| file.len());
    let (module, script) = (size("islands_bg.wasm.br"), size("islands.js.br"));
    let total = module + script;
    eprintln!("    islands of {frontend}: {total} bytes in brotli (WebAssembly {module}, JavaScript {script})");
}
