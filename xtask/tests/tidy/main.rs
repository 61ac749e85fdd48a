//! The laws of the tree, kept by reading it. See ARCHITECTURE.md, "Laws".

#[path = "tidy/attacks.rs"]
mod attacks;
#[path = "tidy/routes.rs"]
mod routes;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const PARTS: [&str; 3] = ["services", "bffs", "frontends"];

/// Inside of payments: who it speaks with in tests, and in nothing else.
const DOUBLE: &str = "/stripe-double";

/// What `platform/` must not know: it would no longer serve every part alike.
const BUSINESS: [&str; 15] = [
    "basket",
    "cart",
    "catalog",
    "category",
    "checkout",
    "coupon",
    "customer",
    "inventory",
    "payment",
    "price",
    "product",
    "reservation",
    "shipping",
    "shopper",
    "sku",
];

/// What a library calls something else: Unicode's kinds of characters.
const OTHERS: [&str; 2] = ["GeneralCategory", "general_category"];

/// Where the test runs, not where it was built: copies of the repository may share a target folder.
fn root() -> PathBuf {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this");
    let folder = Path::new(&folder);
    folder.parent().expect("xtask stands in the root").to_owned()
}

/// A dependency: its name, and whether it is of tests alone.
type Need = (String, bool);

/// Package name → its folder from the root, and the names of the members it depends on.
fn members() -> BTreeMap<String, (String, Vec<Need>)> {
    let output = Command::new(std::env::var_os("CARGO").expect("cargo runs this"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let root = root().canonicalize().expect("the root");
    let packages = metadata["packages"].as_array().expect("packages").iter();
    packages
        .map(|package| {
            let folder = Path::new(package["manifest_path"].as_str().expect("a path"))
                .parent()
                .expect("a folder");
            let folder = folder.canonicalize().expect("a folder");
            let folder = folder
                .strip_prefix(&root)
                .expect("inside")
                .to_string_lossy()
                .into_owned();
            let needs = package["dependencies"].as_array().expect("a list").iter();
            let needs = needs
                .map(|need| {
                    let name = need["name"].as_str().expect("a name").to_owned();
                    (name, need["kind"] == "dev")
                })
                .collect();
            (package["name"].as_str().expect("a name").to_owned(), (folder, needs))
        })
        .collect()
}

fn kind(folder: &str) -> &str {
    folder.split('/').next().unwrap_or_default()
}

/// Every part's folder: `services/catalog`, … Islands belong to their frontend, and a double to whose neighbour it is.
fn parts() -> Vec<String> {
    let folders = members().into_values().map(|(folder, _)| folder);
    let is_inside = |folder: &str| folder.ends_with("/islands") || folder.ends_with(DOUBLE);
    folders
        .filter(|folder| PARTS.contains(&kind(folder)) && !is_inside(folder))
        .collect()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules", ".git"].contains(&name.as_str()) {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A source file without its comments.
fn code(path: &Path) -> String {
    let lines = read(path);
    let code = lines.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|character: char| !character.is_ascii_alphabetic())
        .map(str::to_lowercase)
}

fn complain(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn parts_do_not_depend_on_parts() {
    let members = members();
    let mut complaints = Vec::new();
    for (name, (folder, needs)) in members.iter().filter(|(_, (folder, _))| kind(folder) != "xtask") {
        for (need, is_of_tests) in needs {
            let Some((other, _)) = members.get(need) else { continue };
            let own_islands = *other == format!("{folder}/islands");
            let own_double = *is_of_tests && *other == format!("{folder}{DOUBLE}");
            if kind(other) != "platform" && !own_islands && !own_double {
                complaints.push(format!(
                    "{name} depends on {need}: share through platform/ or copy the few fields"
                ));
            }
        }
    }
    complain(&complaints);
}

#[test]
fn each_layer_reaches_only_the_next() {
    let forbidden = |kind: &str, folder: &str| -> &[&str] {
        match kind {
            _ if folder.ends_with("/islands") => {
                &["reqwest", "regex", "chrono", "leptos_router", "leptos_meta", "service"]
            }
            "frontends" if folder == "frontends/shell" => &["sqlx", "storage"],
            "frontends" => &["reqwest", "sqlx", "storage"],
            "bffs" => &["sqlx", "storage", "redb", "leptos"],
            "services" => &["leptos", "page"],
            _ => &[],
        }
    };
    let complaints: Vec<String> = members()
        .iter()
        .filter(|(_, (folder, _))| PARTS.contains(&kind(folder)))
        .flat_map(|(name, (folder, _))| {
            let manifest = read(&root().join(folder).join("Cargo.toml"));
            let normal = manifest
                .split("[dev-dependencies]")
                .next()
                .unwrap_or_default()
                .to_owned();
            let has = move |need: &&str| {
                normal
                    .lines()
                    .any(|line| line.starts_with(&format!("{need} ")) || line.starts_with(&format!("{need}.")))
            };
            let found: Vec<_> = forbidden(kind(folder), folder)
                .iter()
                .copied()
                .filter(|need| has(need))
                .collect();
            found
                .into_iter()
                .map(move |need| format!("{name} must not depend on {need}"))
                .collect::<Vec<_>>()
        })
        .collect();
    complain(&complaints);
}

#[test]
fn the_platform_knows_no_business_word() {
    let complaints: Vec<String> = files(&root().join("platform"), ".rs")
        .iter()
        .flat_map(|path| {
            let code = OTHERS.iter().fold(code(path), |code, name| code.replace(name, ""));
            let found: Vec<String> = words(&code)
                .filter(|word| BUSINESS.contains(&word.trim_end_matches('s')))
                .map(|word| format!("{}: {word}", path.display()))
                .collect();
            found
        })
        .collect();
    complain(&complaints);
}

#[test]
fn every_part_has_the_one_shape() {
    let mut complaints = Vec::new();
    for part in parts() {
        let needed: &[&str] = match kind(&part) {
            "services" => &[
                "openapi.json",
                "src/domain.rs",
                "src/http.rs",
                "src/store.rs",
                "src/error.rs",
                "tests/api/main.rs",
            ],
            "bffs" => &[
                "openapi.json",
                "src/view.rs",
                "src/http.rs",
                "src/upstream",
                "tests/api",
            ],
            _ if part == "frontends/shell" => &["src/http.rs", "tests/api/main.rs"],
            _ => &["src/http.rs", "src/bff.rs", "src/pages", "style.css", "tests/api"],
        };
        for file in needed.iter().chain(&["README.md", "src/main.rs", "src/lib.rs"]) {
            if !root().join(&part).join(file).exists() {
                complaints.push(format!("{part} has no {file}"));
            }
        }
        let main = read(&root().join(&part).join("src/main.rs"));
        if main.lines().count() > 4 || !main.contains("service::main::<") {
            complaints.push(format!("{part}/src/main.rs is more than one line into the chassis"));
        }
        if !read(&root().join(&part).join("src/lib.rs")).starts_with("#![doc = include_str!(\"../README.md\")]") {
            complaints.push(format!("{part}/src/lib.rs does not open with its README"));
        }
    }
    complain(&complaints);
}

#[test]
fn rules_know_no_transport_no_store_no_clock() {
    let mut complaints = Vec::new();
    for part in parts().iter().filter(|part| kind(part) == "services") {
        let domain = code(&root().join(part).join("src/domain.rs"));
        for word in [
            "axum",
            "sqlx",
            "storage::",
            "reqwest",
            "Utc::now",
            "Uuid::new",
            "Uuid::now",
        ] {
            if domain.contains(word) {
                complaints.push(format!("{part}/src/domain.rs uses {word}"));
            }
        }
    }
    complain(&complaints);
}

#[test]
fn sql_stands_in_stores_and_migrations() {
    let mut complaints = Vec::new();
    for part in parts().iter().filter(|part| kind(part) == "services") {
        for path in files(&root().join(part).join("src"), ".rs") {
            let is_store = path
                .components()
                .any(|component| component.as_os_str().to_string_lossy().starts_with("store"));
            let sql = ["storage::execute!", "storage::fetch_", "sqlx::query"]
                .iter()
                .any(|mark| code(&path).contains(mark));
            if sql && !is_store {
                complaints.push(format!("{}: SQL outside of the store", path.display()));
            }
        }
    }
    complain(&complaints);
}

#[test]
fn islands_stand_in_islands_crates() {
    let sources = PARTS
        .iter()
        .chain(&["platform"])
        .flat_map(|folder| files(&root().join(folder), ".rs"));
    let complaints: Vec<String> = sources
        .filter(|path| code(path).contains("#[island"))
        .filter(|path| !path.components().any(|component| component.as_os_str() == "islands"))
        .map(|path| format!("{}: an island outside of an islands crate", path.display()))
        .collect();
    complain(&complaints);
}

#[test]
fn pages_have_no_inline_style_or_script() {
    let mut complaints = Vec::new();
    for path in ["frontends", "platform/page"]
        .iter()
        .flat_map(|folder| files(&root().join(folder), ".rs"))
    {
        if path.components().any(|component| component.as_os_str() == "tests") {
            continue;
        }
        for mark in ["<style", " style=", "onclick=", "onload=", "onsubmit=", "javascript:"] {
            if code(&path).contains(mark) {
                complaints.push(format!(
                    "{}: {mark} would break the content security policy",
                    path.display()
                ));
            }
        }
    }
    complain(&complaints);
}

#[test]
fn versions_stand_in_the_root_alone() {
    let mut complaints = Vec::new();
    for (name, (folder, _)) in members() {
        let manifest = read(&root().join(folder).join("Cargo.toml"));
        let dependencies = manifest.split("dependencies]").skip(1).flat_map(str::lines);
        for line in dependencies.filter(|line| {
            line.contains("version") || line.split_once(" = ").is_some_and(|(_, value)| value.starts_with('"'))
        }) {
            complaints.push(format!("{name}: {line}"));
        }
    }
    complain(&complaints);
}

#[test]
fn nothing_is_unwrapped_outside_of_tests() {
    let sources = files(&root(), ".rs")
        .into_iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "src") && !path.ends_with("tests.rs"));
    let complaints: Vec<String> = sources
        .filter(|path| {
            code(path)
                .split("#[cfg(test)]")
                .next()
                .is_some_and(|code| code.contains(".unwrap()"))
        })
        .map(|path| {
            format!(
                "{}: unwrap; say with expect why it cannot fail, or answer with an error",
                path.display()
            )
        })
        .collect();
    complain(&complaints);
}

#[test]
fn files_are_short() {
    let complaints: Vec<String> = files(&root(), ".rs")
        .iter()
        .map(|path| (path, read(path).lines().count()))
        .filter(|(_, lines)| *lines > 400)
        .map(|(path, lines)| {
            format!(
                "{}: {lines} lines; a file that passes 400 is asking to be two",
                path.display()
            )
        })
        .collect();
    complain(&complaints);
}
