//! Everything that the shop needs before it can start.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::{Error, Result, fail};
use crate::files;
use crate::islands::{self, Tools};
use crate::topology::Topology;
use crate::workspace::{Profile, Workspace, cargo, run, step};

const STATIC_FOLDERS: [&str; 3] = ["fonts", "icons", "pictures"];
const STATIC_FILES: [&str; 7] = ["ico", "js", "png", "speculationrules", "svg", "txt", "webmanifest"];

/// Builds servers, islands and static files.
pub fn all(workspace: &Workspace, topology: &Topology, profile: Profile) -> Result<()> {
    some(workspace, profile, &topology.packages(&topology.choose(&[])?))
}

/// Builds the parts of these packages, with the islands and static files that are theirs.
pub fn some(workspace: &Workspace, profile: Profile, parts: &BTreeSet<String>) -> Result<()> {
    servers(workspace, profile, parts)?;
    let is_meant = |frontend: &str| parts.contains(frontend) || parts.contains(&format!("{frontend}-frontend"));
    let frontends = folders(&workspace.root.join("frontends"))?;
    static_files(workspace, frontends.into_iter().filter(|name| is_meant(name)).collect())
}

fn servers(workspace: &Workspace, profile: Profile, parts: &BTreeSet<String>) -> Result<()> {
    let packages = workspace.packages();
    if let Some(unknown) = parts.iter().find(|name| !packages.contains(name.as_str())) {
        return fail(format!("the topology's {unknown} is not a package of this workspace"));
    }
    step("building the servers");
    let mut command = shipped(workspace, profile);
    let (shipped, doubles): (Vec<_>, Vec<_>) = parts.iter().partition(|name| workspace.is_shipped(name));
    for name in &shipped {
        command.args(["--bin", name]);
    }
    if !shipped.is_empty() {
        run(&mut command)?;
    }
    doubles.iter().try_for_each(|name| tool(workspace, profile, name))
}

/// Builds every server as it is shipped.
pub fn all_servers(workspace: &Workspace, profile: Profile) -> Result<()> {
    run(shipped(workspace, profile).arg("--bins"))
}

/// A build of what is shipped, always all of it, so that each server has the same features however few are built; and
/// nothing else, so that none has a feature that only tests or tools want.
fn shipped(workspace: &Workspace, profile: Profile) -> Command {
    let mut command = building(workspace, profile);
    // By id: some share their name with a crate from the registry.
    for id in workspace.shipped() {
        command.args(["--package", id]);
    }
    command
}

/// Builds a tool of ours.
pub fn tool(workspace: &Workspace, profile: Profile, name: &str) -> Result<()> {
    run(building(workspace, profile).args(["--workspace", "--bin", name]))
}

fn building(workspace: &Workspace, profile: Profile) -> Command {
    let mut command = cargo();
    command.current_dir(&workspace.root).args(["build", "--locked"]);
    if matches!(profile, Profile::Release) {
        command.arg("--release");
    }
    command
}

/// Builds islands and static files.
pub fn frontends(workspace: &Workspace) -> Result<()> {
    static_files(workspace, folders(&workspace.root.join("frontends"))?)
}

fn static_files(workspace: &Workspace, frontends: Vec<String>) -> Result<()> {
    if frontends.is_empty() {
        return Ok(());
    }
    let bundles = islands::build(workspace, &frontends)?;
    step("preparing style sheets and static files");
    for frontend in frontends {
        let output = workspace.assets(&frontend);
        files::empty(&output)?;
        let style = workspace.root.join("frontends").join(&frontend).join("style.css");
        if style.exists() {
            files::write(
                &output.join("style.css"),
                files::minify_css("style.css", &files::read(&style)?)?,
            )?;
        }
        if frontend == "shell" {
            shared(workspace, &output)?;
        }
        files::compress(&output)?;
        if let Some((_, bundle)) = bundles.iter().find(|(name, _)| *name == frontend) {
            files::copy(bundle, &output)?;
            report(&frontend, &output);
        }
    }
    Ok(())
}

/// What belongs to no frontend alone: served by the shell.
fn shared(workspace: &Workspace, output: &Path) -> Result<()> {
    let assets = workspace.root.join("assets");
    let sheets = ["tokens.css", "base.css"].map(|name| assets.join(name));
    let css: Vec<_> = sheets
        .iter()
        .filter(|sheet| sheet.exists())
        .map(|sheet| files::read(sheet))
        .collect::<Result<_>>()?;
    files::write(
        &output.join("base.css"),
        files::minify_css("base.css", &css.join("\n"))?,
    )?;
    for folder in STATIC_FOLDERS
        .map(|name| assets.join(name))
        .iter()
        .filter(|folder| folder.is_dir())
    {
        files::copy(folder, &output.join(folder.file_name().unwrap_or_default()))?;
    }
    let tools = Tools::install(workspace)?;
    for entry in assets.read_dir().map_err(|error| Error::at(&assets, error))?.flatten() {
        let path = entry.path();
        let extension = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        if path.is_file() && STATIC_FILES.contains(&extension) {
            let copy = output.join(entry.file_name());
            match extension {
                "js" => tools.minify_js(&path, &copy)?,
                _ => drop(fs::copy(&path, &copy).map_err(|error| Error::at(&path, error))?),
            }
        }
    }
    Ok(())
}

fn folders(parent: &Path) -> Result<Vec<String>> {
    let entries = parent.read_dir().map_err(|error| Error::at(parent, error))?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    Ok(folders
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect())
}

fn report(frontend: &str, output: &Path) {
    let size = |name: &str| fs::metadata(output.join(name)).map_or(0, |file| file.len());
    let (module, script) = (size("islands_bg.wasm.br"), size("islands.js.br"));
    let total = module + script;
    eprintln!("    islands of {frontend}: {total} bytes in brotli (WebAssembly {module}, JavaScript {script})");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cargo builds a crate with every feature that anybody asks for who is built with it: beside `testkit` every server
    /// would speak HTTP/2, because `wiremock` does.
    #[test]
    fn what_is_shipped_has_no_feature_of_tests() {
        let workspace = Workspace::find().unwrap();
        let build = shipped(&workspace, Profile::Release);
        assert!(build.get_args().all(|argument| argument != "--workspace"));
        let mut tree = cargo();
        tree.current_dir(&workspace.root)
            .args([
                "tree",
                "--edges",
                "normal,build",
                "--prefix",
                "none",
                "--format",
                "{p} {f}",
            ])
            .args(
                build
                    .get_args()
                    .filter(|argument| !["build", "--release"].map(Some).contains(&argument.to_str())),
            );
        let tree = crate::workspace::ask(&mut tree).unwrap();
        let is_there = |name: &str| tree.lines().any(|line| line.split(' ').next() == Some(name));
        let has = |name: &str, feature: &str| {
            let mut lines = tree.lines().filter(|line| line.split(' ').next() == Some(name));
            lines.any(|line| line.split([' ', ',']).any(|word| word == feature))
        };
        assert!(
            is_there("shell") && is_there("payments") && has("hyper", "http1"),
            "{tree}"
        );
        for name in ["expect-test", "h2", "proptest", "tempfile", "testkit", "wiremock"] {
            assert!(!is_there(name), "{name}");
        }
        for (name, feature) in [
            ("axum", "http2"),
            ("hyper", "full"),
            ("hyper", "http2"),
            ("hyper-util", "http2"),
            ("reqwest", "http2"),
            ("tokio", "full"),
            ("tokio", "test-util"),
        ] {
            assert!(!has(name, feature), "{name}: {feature}");
        }
    }
}
