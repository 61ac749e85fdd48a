//! Every part has the one shape, and every file is short.

use crate::Complaints;
use crate::package::parts;
use crate::tree::Tree;

/// A file that is longer is asking to be two.
const LONGEST: usize = 400;

const SERVICE: [&str; 6] = [
    "openapi.json",
    "src/domain.rs",
    "src/http.rs",
    "src/store.rs",
    "src/error.rs",
    "tests/api/main.rs",
];
const BFF: [&str; 5] = [
    "openapi.json",
    "src/view.rs",
    "src/http.rs",
    "src/upstream",
    "tests/api",
];
const SHELL: [&str; 2] = ["src/http.rs", "tests/api/main.rs"];
const FRONTEND: [&str; 5] = ["src/http.rs", "src/bff.rs", "src/pages", "style.css", "tests/api"];
const ALL: [&str; 3] = ["README.md", "src/main.rs", "src/lib.rs"];

fn every_part_has_the_one_shape(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for part in parts(tree) {
        let folder = &part.folder;
        let needed: &[&str] = match part.row() {
            "services" => &SERVICE,
            "bffs" => &BFF,
            _ if folder == "frontends/shell" => &SHELL,
            _ => &FRONTEND,
        };
        let missing = needed
            .iter()
            .chain(&ALL)
            .filter(|file| !tree.has(&format!("{folder}/{file}")));
        complaints.extend(missing.map(|file| format!("{folder} has no {file}")));
        let main = tree.text(&format!("{folder}/src/main.rs")).unwrap_or_default();
        if main.lines().count() > 4 || !main.contains("service::main::<") {
            complaints.push(format!("{folder}/src/main.rs is more than one line into the chassis"));
        }
        let lib = tree.text(&format!("{folder}/src/lib.rs")).unwrap_or_default();
        if !lib.starts_with("#![doc = include_str!(\"../README.md\")]") {
            complaints.push(format!("{folder}/src/lib.rs does not open with its README"));
        }
    }
    complaints
}

fn nothing_is_unwrapped_outside_of_tests(tree: &Tree) -> Complaints {
    let sources = tree
        .sources_with("", "unwrap")
        .filter(|(path, _)| path.contains("/src/") && !path.ends_with("/tests.rs"));
    let unwrapped = sources.filter(|(_, source)| source.shipped().has(".unwrap()"));
    let words = "unwrap; say with expect why it cannot fail, or answer with an error";
    unwrapped.map(|(path, _)| format!("{path}: {words}")).collect()
}

fn files_are_short(tree: &Tree) -> Complaints {
    let lengths = tree.files("", ".rs").map(|(path, text)| (path, text.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > LONGEST);
    long.map(|(path, lines)| format!("{path}: {lines} lines; a file that passes {LONGEST} is asking to be two"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn every_part_has_the_one_shape_here() {
        keeps(every_part_has_the_one_shape);
    }

    #[test]
    fn part_of_another_shape_is_found() {
        let main = "fn main() -> ExitCode {\n    service::main::<App>()\n}\n";
        let lib = "#![doc = include_str!(\"../README.md\")]\n";
        let mut texts = vec![("bffs/explore/Cargo.toml", "[package]\nname = \"explore-bff\"")];
        texts.extend([("bffs/explore/src/main.rs", main), ("bffs/explore/src/lib.rs", lib)]);
        let others = [
            "openapi.json",
            "src/view.rs",
            "src/http.rs",
            "src/upstream/a.rs",
            "tests/api/main.rs",
            "README.md",
        ];
        let others = others.map(|file| format!("bffs/explore/{file}"));
        texts.extend(others.iter().map(|path| (path.as_str(), "")));
        assert!(every_part_has_the_one_shape(&Tree::of(&texts)).is_empty());
        let without = |path: &str| {
            texts
                .iter()
                .filter(|(other, _)| *other != path)
                .copied()
                .collect::<Vec<_>>()
        };
        finds(
            every_part_has_the_one_shape,
            &without("bffs/explore/src/upstream/a.rs"),
            "has no src/upstream",
        );
        let mut other = without("bffs/explore/src/main.rs");
        other.push(("bffs/explore/src/main.rs", "fn main() {}"));
        finds(
            every_part_has_the_one_shape,
            &other,
            "more than one line into the chassis",
        );
        let mut other = without("bffs/explore/src/lib.rs");
        other.push(("bffs/explore/src/lib.rs", "mod http;"));
        finds(every_part_has_the_one_shape, &other, "does not open with its README");
    }

    #[test]
    fn nothing_is_unwrapped_outside_of_tests_here() {
        keeps(nothing_is_unwrapped_outside_of_tests);
    }

    #[test]
    fn unwrap_is_found() {
        let text = "#[cfg(test)] mod tests {} fn f() { a\n.unwrap(); }";
        finds(
            nothing_is_unwrapped_outside_of_tests,
            &[("platform/a/src/lib.rs", text)],
            "platform/a/src/lib.rs",
        );
    }

    #[test]
    fn files_are_short_here() {
        keeps(files_are_short);
    }

    #[test]
    fn long_file_is_found() {
        let text = "\n".repeat(LONGEST + 1);
        finds(files_are_short, &[("xtask/src/a.rs", &text)], "401 lines");
    }
}
