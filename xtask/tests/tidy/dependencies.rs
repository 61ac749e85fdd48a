//! Law 1: which package may depend on which.

use crate::Complaints;
use crate::package::{DOUBLE, PARTS, Package, packages, row};
use crate::tree::Tree;

/// What all packages of the shop share.
const PLATFORM: &str = "platform";

fn parts_depend_on_the_platform_alone(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for package in packages(tree) {
        if package.row() != PLATFORM && !PARTS.contains(&package.row()) {
            continue;
        }
        for need in &package.needs {
            let Some(other) = &need.folder else { continue };
            let is_own_islands = *other == format!("{}/islands", package.folder);
            let is_own_double = need.is_of_tests && *other == format!("{}{DOUBLE}", package.folder);
            if row(other) != PLATFORM && !is_own_islands && !is_own_double {
                complaints.push(format!(
                    "{} depends on {}: share through platform/ or copy the few fields",
                    package.name, need.name
                ));
            }
        }
    }
    complaints
}

fn each_layer_reaches_only_the_next(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for package in packages(tree) {
        let forbidden = forbidden(&package).iter().filter(|need| package.ships(need));
        complaints.extend(forbidden.map(|need| format!("{} must not depend on {need}", package.name)));
    }
    complaints
}

const OF_SHELL: [&str; 6] = ["sqlx", "sqlx-postgres", "sqlx-sqlite", "storage", "redb", "redis"];
const OF_FRONTENDS: [&str; 8] = [
    "https",
    "reqwest",
    "sqlx",
    "sqlx-postgres",
    "sqlx-sqlite",
    "storage",
    "redb",
    "redis",
];
const OF_BFFS: [&str; 8] = [
    "https",
    "leptos",
    "sqlx",
    "sqlx-postgres",
    "sqlx-sqlite",
    "storage",
    "redb",
    "redis",
];

/// What a package would need for what is another layer's work.
fn forbidden(package: &Package) -> &'static [&'static str] {
    match package.row() {
        _ if package.folder.ends_with("/islands") => {
            &["reqwest", "regex", "chrono", "leptos_router", "leptos_meta", "service"]
        }
        "frontends" if package.folder == "frontends/shell" => &OF_SHELL,
        "frontends" => &OF_FRONTENDS,
        "bffs" => &OF_BFFS,
        "services" => &["leptos", "page"],
        _ => &[],
    }
}

fn versions_stand_in_the_root_alone(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for package in packages(tree) {
        let path = format!("{}/Cargo.toml", package.folder);
        let manifest = tree.text(&path).unwrap_or_default();
        let dependencies = manifest.split("dependencies]").skip(1).flat_map(str::lines);
        let is_version = |line: &&str| {
            line.contains("version") || line.split_once(" = ").is_some_and(|(_, value)| value.starts_with('"'))
        };
        complaints.extend(dependencies.filter(is_version).map(|line| format!("{path}: {line}")));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    const CATALOG: (&str, &str) = ("services/catalog/Cargo.toml", "[package]\nname = \"catalog\"\n");

    #[test]
    fn parts_depend_on_the_platform_alone_here() {
        keeps(parts_depend_on_the_platform_alone);
    }

    #[test]
    fn dependency_on_another_part_is_found() {
        for (manifest, root) in [
            ("[dependencies]\ncatalog = { path = \"../../services/catalog\" }", ""),
            (
                "[dev-dependencies]\nother = { path = \"../../services/catalog\", package = \"catalog\" }",
                "",
            ),
            (
                "[target.'cfg(unix)'.dependencies]\ncatalog = { path = \"../../services/catalog\" }",
                "",
            ),
            (
                "[dependencies]\ncatalog.workspace = true",
                "[workspace.dependencies]\ncatalog = { path = \"services/catalog\" }",
            ),
        ] {
            let manifest = format!("[package]\nname = \"explore-bff\"\n{manifest}");
            let texts = [CATALOG, ("Cargo.toml", root), ("bffs/explore/Cargo.toml", &manifest)];
            finds(
                parts_depend_on_the_platform_alone,
                &texts,
                "explore-bff depends on catalog",
            );
        }
    }

    #[test]
    fn dependency_of_the_platform_on_a_part_is_found() {
        let manifest = "[package]\nname = \"money\"\n[dependencies]\ncatalog = { path = \"../../services/catalog\" }";
        let texts = [CATALOG, ("platform/money/Cargo.toml", manifest)];
        finds(parts_depend_on_the_platform_alone, &texts, "money depends on catalog");
    }

    #[test]
    fn each_layer_reaches_only_the_next_here() {
        keeps(each_layer_reaches_only_the_next);
    }

    #[test]
    fn layer_that_is_passed_over_is_found() {
        let manifest = "[package]\nname = \"explore-bff\"\n[dependencies]\nredis.workspace = true";
        let texts = [("bffs/explore/Cargo.toml", manifest)];
        finds(
            each_layer_reaches_only_the_next,
            &texts,
            "explore-bff must not depend on redis",
        );
    }

    #[test]
    fn versions_stand_in_the_root_alone_here() {
        keeps(versions_stand_in_the_root_alone);
    }

    #[test]
    fn version_in_a_package_is_found() {
        for line in ["serde = \"1\"", "serde = { version = \"1\" }"] {
            let manifest = format!("[package]\nname = \"money\"\n[dependencies]\n{line}");
            finds(
                versions_stand_in_the_root_alone,
                &[("platform/money/Cargo.toml", &manifest)],
                line,
            );
        }
    }
}
