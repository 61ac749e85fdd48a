//! The packages of the tree, by their manifests.

use toml::{Table, Value};

use crate::tree::Tree;

/// The rows of parts.
pub const PARTS: [&str; 3] = ["services", "bffs", "frontends"];

/// Inside of payments: who it speaks with in tests, and in nothing else.
pub const DOUBLE: &str = "/stripe-double";

/// One package.
pub struct Package {
    pub name: String,
    /// From the root: `services/catalog`
    pub folder: String,
    pub needs: Vec<Need>,
}

/// What a package depends on.
pub struct Need {
    pub name: String,
    /// Whether it is of tests alone
    pub is_of_tests: bool,
    /// Where it stands, if it is of this tree
    pub folder: Option<String>,
}

impl Package {
    /// The row that it stands in.
    pub fn row(&self) -> &str {
        row(&self.folder)
    }

    /// Its source files.
    pub fn src(&self) -> String {
        format!("{}/src", self.folder)
    }

    /// Whether it is deployed: islands belong to their frontend, and a double to whose neighbour it is.
    pub fn is_part(&self) -> bool {
        let is_inside = self.folder.ends_with("/islands") || self.folder.ends_with(DOUBLE);
        PARTS.contains(&self.row()) && !is_inside
    }

    /// Whether what is shipped depends on it.
    pub fn ships(&self, name: &str) -> bool {
        self.needs.iter().any(|need| need.name == name && !need.is_of_tests)
    }
}

/// The first folder of a path.
pub fn row(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// Every package.
pub fn packages(tree: &Tree) -> Vec<Package> {
    let root = tree.text("Cargo.toml").map(manifest).unwrap_or_default();
    let manifests = tree.files("", "Cargo.toml");
    manifests
        .filter_map(|(path, text)| package(path, &manifest(text), &root))
        .collect()
}

/// Those that are deployed.
pub fn parts(tree: &Tree) -> Vec<Package> {
    packages(tree).into_iter().filter(Package::is_part).collect()
}

fn manifest(text: &str) -> Table {
    text.parse().expect("a manifest is TOML")
}

fn package(path: &str, manifest: &Table, root: &Table) -> Option<Package> {
    let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
    let folder = path.trim_end_matches("Cargo.toml").trim_end_matches('/').to_owned();
    let inherited = root.get("workspace").and_then(|root| root.get("dependencies"));
    let mut tables = vec![manifest];
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    tables.extend(targets.filter_map(|(_, target)| target.as_table()));
    let mut needs = Vec::new();
    for (table, kind) in tables.iter().flat_map(|table| KINDS.map(|kind| (table, kind))) {
        for (name, value) in table.get(kind).and_then(Value::as_table).into_iter().flatten() {
            let is_inherited = value.get("workspace").is_some();
            let path = match inherited.and_then(|inherited| inherited.get(name)) {
                Some(value) if is_inherited => value.get("path").and_then(Value::as_str).map(str::to_owned),
                _ => value
                    .get("path")
                    .and_then(Value::as_str)
                    .map(|path| format!("{folder}/{path}")),
            };
            needs.push(Need {
                name: value.get("package").and_then(Value::as_str).unwrap_or(name).to_owned(),
                is_of_tests: kind == "dev-dependencies",
                folder: path.map(|path| normal(&path)),
            });
        }
    }
    Some(Package { name, folder, needs })
}

const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// A path without `..`.
fn normal(path: &str) -> String {
    let mut folders = Vec::new();
    for folder in path.split('/').filter(|folder| !folder.is_empty() && *folder != ".") {
        if folder == ".." {
            folders.pop();
        } else {
            folders.push(folder);
        }
    }
    folders.join("/")
}
