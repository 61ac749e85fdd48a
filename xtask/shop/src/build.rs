//! Builds what a shop needs before it can start.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use machine::{Error, Result, cargo, fail, interrupt, run, step, tool};

use crate::topology::Topology;
use crate::workspace::{Profile, Workspace};

/// Builds servers, islands and static files.
pub fn all(workspace: &Workspace, topology: &Topology, profile: Profile) -> Result<()> {
    some(workspace, profile, &topology.packages(&topology.choose(&[])?))
}

/// Builds the parts of these packages, with their islands and static files.
pub fn some(workspace: &Workspace, profile: Profile, parts: &BTreeSet<String>) -> Result<()> {
    let is_meant = |frontend: &String| parts.contains(frontend) || parts.contains(&format!("{frontend}-frontend"));
    let mut frontends = folders(&workspace.root.join("frontends"))?;
    frontends.retain(is_meant);
    if frontends.is_empty() {
        return servers(workspace, profile, parts);
    }
    let assets = tool::ASSETS.build(&workspace.checkout())?;
    // At the same time, because the last steps of the islands use one core each.
    let first = OnceLock::new();
    let note = |outcome: Result<()>| {
        if let Err(error) = outcome {
            let _ = first.set(error);
            interrupt::end_running();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| note(static_files(workspace, &assets, &frontends)));
        note(servers(workspace, profile, parts));
    });
    first.into_inner().map_or(Ok(()), Err)
}

fn servers(workspace: &Workspace, profile: Profile, parts: &BTreeSet<String>) -> Result<()> {
    let packages = workspace.packages();
    if let Some(unknown) = parts.iter().find(|name| !packages.contains(name.as_str())) {
        return fail(format!("the topology's {unknown} is not a package of this workspace"));
    }
    let is_first = !parts.iter().any(|name| workspace.binary(name, profile).exists());
    let first = if is_first { ", some minutes this first time" } else { "" };
    step(&format!("building the servers{first}"));
    let mut command = shipped(workspace, profile);
    let (shipped, doubles): (Vec<_>, Vec<_>) = parts.iter().partition(|name| workspace.is_shipped(name));
    for name in &shipped {
        command.args(["--bin", name]);
    }
    if !shipped.is_empty() {
        run(&mut command)?;
    }
    doubles.iter().try_for_each(|name| double(workspace, profile, name))
}

/// Builds every server with the features that it is shipped with.
pub fn all_servers(workspace: &Workspace, profile: Profile) -> Result<()> {
    run(shipped(workspace, profile).arg("--bins"))
}

/// Builds all shipped packages and nothing else. So each server always has the same features, and none that only tests or
/// tools need.
fn shipped(workspace: &Workspace, profile: Profile) -> Command {
    let mut command = cargo();
    command.current_dir(&workspace.root).args(["build", "--locked"]);
    optimise(&mut command, profile);
    // By id, because some have the name of a crate in the registry.
    for id in workspace.shipped() {
        command.args(["--package", id]);
    }
    command
}

/// Builds a program that is not shipped: the double of Stripe, or the load generator.
pub fn double(workspace: &Workspace, profile: Profile, name: &str) -> Result<()> {
    let mut command = tool::build(&workspace.root, name);
    optimise(&mut command, profile);
    run(&mut command)
}

fn optimise(command: &mut Command, profile: Profile) {
    if matches!(profile, Profile::Release) {
        command.arg("--release");
    }
}

/// Builds islands and static files.
pub fn frontends(workspace: &Workspace) -> Result<()> {
    let assets = tool::ASSETS.build(&workspace.checkout())?;
    static_files(workspace, &assets, &folders(&workspace.root.join("frontends"))?)
}

fn static_files(workspace: &Workspace, assets: &Path, frontends: &[String]) -> Result<()> {
    run(Command::new(assets).current_dir(&workspace.root).args(frontends))
}

fn folders(parent: &Path) -> Result<Vec<String>> {
    let entries = parent.read_dir().map_err(|error| Error::at(parent, error))?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    Ok(folders
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every crate that cargo would build, with its features, for servers and for build scripts and macros.
    fn crates(build: &Command, edges: &str) -> BTreeSet<String> {
        let options = build.get_args().filter_map(|argument| argument.to_str());
        let options = options.filter(|option| !["build", "--release"].contains(option));
        let mut tree = cargo();
        tree.current_dir(build.get_current_dir().unwrap());
        tree.args(["tree", "--edges", edges, "--prefix", "none", "--format", "{p} {f}"]);
        let tree = machine::ask(tree.args(options)).unwrap();
        let lines = tree.lines().map(|line| line.trim_end_matches(" (*)").to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// Cargo unites the features of all packages in one build: built together with `testkit`, every server would speak HTTP/2,
    /// because `wiremock` does.
    #[test]
    fn what_is_shipped_has_no_feature_of_tests() {
        let workspace = Workspace::find().unwrap();
        let build = shipped(&workspace, Profile::Release);
        assert!(build.get_args().all(|argument| argument != "--workspace"));
        let tree = crates(&build, "normal,build");
        let is_there = |name: &str| tree.iter().any(|line| line.split(' ').next() == Some(name));
        let has = |name: &str, feature: &str| {
            let mut lines = tree.iter().filter(|line| line.split(' ').next() == Some(name));
            lines.any(|line| line.split([' ', ',']).any(|word| word == feature))
        };
        assert!(
            is_there("shell") && is_there("payments") && has("hyper", "http1"),
            "{tree:?}"
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

    /// Built twice, which takes a second: the shop needs more features of it than the servers.
    const SMALL: [&str; 4] = ["serde_spanned", "stable_deref_trait", "toml", "toml_datetime"];

    /// What tools and servers share is built once, because both have it with the same features.
    #[test]
    fn tools_have_the_crates_of_servers_with_their_features() {
        let workspace = Workspace::find().unwrap();
        let shipped = crates(&shipped(&workspace, Profile::Dev), "normal,build");
        let mut command = cargo();
        command.current_dir(&workspace.root);
        let beside = tool::build(&workspace.root, "shop");
        let selected = beside
            .get_args()
            .filter(|argument| !["--bin", "shop"].map(Some).contains(&argument.to_str()));
        command.args(selected);
        let beside = crates(&command, "normal,build");
        let is_small = |line: &&String| SMALL.iter().any(|name| line.starts_with(&format!("{name} ")));
        let missing: Vec<_> = shipped.difference(&beside).filter(|line| !is_small(line)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
