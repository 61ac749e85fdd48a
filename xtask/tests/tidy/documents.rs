//! The documents name what there is: files, commands, stages, settings, tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::complain;
use crate::package::packages;
use crate::stages::stages;
use crate::tree::Tree;

const HERE: &str = "xtask/tests/tidy/documents.rs";

/// Names that documents give to what a reader is to make, and that is not there.
const IMAGINED: [&str; 11] = [
    "STOA_ACME_",
    "STOA_CART_",
    "STOA_SWEEP_SECOND",
    "0002_value.sql",
    "0005_origin.sql",
    "acme.rs",
    "api/resource.rs",
    "gift-cards",
    "gift_cards",
    "services/things",
    "stock-removed.v1.json",
];

/// What only builds and runs make, and what belongs to others.
const MADE: [&str; 9] = [
    "bench/*.json",
    "data/",
    "islands.js",
    "parts.json",
    "requests.json",
    "shared.d.ts",
    "shop/",
    "shop-scale/",
    "stripe-double/",
];

/// Endings by which a word is the name of a file.
const ENDINGS: [&str; 17] = [
    "css", "csv", "html", "jpg", "js", "json", "lock", "md", "mjs", "py", "rs", "sh", "sql", "toml", "ts", "txt", "yml",
];

/// What the tree has.
struct There {
    repository: Tree,
    /// Files and folders, from the root.
    paths: BTreeSet<String>,
    /// Programs that `cargo run --bin` knows.
    programs: BTreeSet<String>,
    /// Words with underscores in all sources: functions, columns, metrics, settings.
    words: BTreeSet<String>,
    /// What `cargo xtask … --help` says, for those that there are.
    help: BTreeMap<String, Option<String>>,
}

impl There {
    fn read() -> Self {
        let repository = Tree::of_repository();
        let mut paths = BTreeSet::new();
        let mut words = BTreeSet::new();
        for (path, text) in repository.files("", "") {
            for (end, _) in path.match_indices('/') {
                paths.insert(path[..end].to_owned());
            }
            // Documents are what is checked, lock files name other people's things, and here are planted names.
            if !is_document(path) && !path.contains("lock") && path != HERE {
                let found = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
                words.extend(found.filter(|word| word.contains('_')).map(str::to_owned));
            }
            paths.insert(path.to_owned());
        }
        Self {
            paths,
            programs: packages(&repository).into_iter().map(|package| package.name).collect(),
            words,
            help: BTreeMap::new(),
            repository,
        }
    }

    /// Whether there is such a path; `<…>`, `*` and `…` stand for anything.
    fn has(&self, path: &str) -> bool {
        let wanted: Vec<_> = path.trim_end_matches('/').split('/').collect();
        let is_it = |path: &String| {
            let parts: Vec<_> = path.split('/').collect();
            parts.len() == wanted.len() && all_match(&parts, &wanted)
        };
        self.paths.contains(path.trim_end_matches('/')) || self.paths.iter().any(is_it)
    }

    /// Whether some folder has such a file, as where one speaks of `lib.rs`.
    fn has_somewhere(&self, file: &str) -> bool {
        let wanted: Vec<_> = file.rsplit('/').collect();
        self.paths.iter().any(|path| {
            let parts: Vec<_> = path.rsplit('/').take(wanted.len()).collect();
            parts.len() == wanted.len() && all_match(&parts, &wanted)
        })
    }

    fn help(&mut self, command: &str) -> Option<&str> {
        let ask = || {
            let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
            let output = xtask.args(command.split(' ')).arg("--help").output().expect("xtask");
            output
                .status
                .success()
                .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
        };
        self.help.entry(command.to_owned()).or_insert_with(ask).as_deref()
    }
}

fn is_document(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|ending| ending == "md")
}

fn matches(part: &str, wanted: &str) -> bool {
    let Some(at) = wanted.find(['<', '*', '…']) else {
        return part == wanted;
    };
    let rest = wanted.rfind(['>', '*', '…']).map_or("", |end| {
        let end = end + wanted[end..].chars().next().map_or(0, char::len_utf8);
        &wanted[end..]
    });
    part.starts_with(&wanted[..at]) && part.ends_with(rest)
}

fn all_match(parts: &[&str], wanted: &[&str]) -> bool {
    parts.iter().zip(wanted).all(|(part, wanted)| matches(part, wanted))
}

/// All that is written as code: lines of blocks, and what stands between backticks.
fn code(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut paragraph = String::new();
    let mut in_block = false;
    for line in text.lines().chain([""]) {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            found.push(line.to_owned());
        } else if line.trim().is_empty() {
            found.extend(
                paragraph
                    .split('`')
                    .skip(1)
                    .step_by(2)
                    .map(|span| span.replace('\n', " ")),
            );
            paragraph.clear();
        } else {
            paragraph.push_str(line);
            paragraph.push('\n');
        }
    }
    found
}

/// What is wrong in a document that stands in this folder.
fn mistakes(document: &str, text: &str, tree: &mut There) -> Vec<String> {
    let mut wrong = links(document, text, tree);
    let spans = code(text);
    for span in &spans {
        wrong.extend(commands(span, tree));
        let is_separator = |character: char| character.is_whitespace() || "\"'(){}[],;=|".contains(character);
        for word in span
            .split(is_separator)
            .map(|word| word.trim_end_matches(['.', ':', ',']))
        {
            if is_missing(word, tree) {
                wrong.push(format!("there is no {word}"));
            }
        }
        // A folder that stands for itself: `islands/`.
        let folder = span
            .strip_suffix('/')
            .filter(|name| !name.is_empty() && !name.contains('/'));
        let is_made = MADE.iter().any(|name| span.ends_with(name));
        if folder.is_some_and(|name| !is_made && !tree.has_somewhere(name)) {
            wrong.push(format!("there is no folder {span}"));
        }
        let is_name =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if span.split('_').all(is_name) && span.matches('_').count() > 1 && !tree.words.contains(span) {
            wrong.push(format!("no source has {span}"));
        }
    }
    let settings = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    for name in settings.filter(|word| word.starts_with("STOA_") && !word.ends_with('_')) {
        if !tree.words.contains(name) {
            wrong.push(format!("there is no setting {name}"));
        }
    }
    let is_imagined = |complaint: &String| IMAGINED.iter().any(|name| complaint.contains(name));
    wrong.retain(|complaint| !is_imagined(complaint));
    wrong
        .into_iter()
        .map(|complaint| format!("{document}: {complaint}"))
        .collect()
}

/// A path from the root, or the name of a file, that is not there.
fn is_missing(word: &str, tree: &There) -> bool {
    let (first, rest) = word.split_once('/').unwrap_or((word, ""));
    if !rest.is_empty() && tree.repository.has(first) && !first.is_empty() && !first.starts_with('.') {
        return !tree.has(word);
    }
    let is_file = Path::new(word)
        .extension()
        .is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
    let is_elsewhere = word.starts_with(['/', '.', '~']) || word.contains("://") || word.contains('$');
    let is_made = MADE.iter().any(|name| word.ends_with(name));
    is_file && !is_elsewhere && !is_made && !tree.has_somewhere(word)
}

/// What follows `cargo xtask` and `cargo run --bin`.
fn commands(span: &str, tree: &mut There) -> Vec<String> {
    let mut wrong = Vec::new();
    for call in span.split("cargo run --bin ").skip(1) {
        let name = call.split(' ').next().unwrap_or_default();
        if !name.starts_with('<') && !tree.programs.contains(name) {
            wrong.push(format!("there is no program {name}"));
        }
    }
    for call in span.split("cargo xtask ").skip(1) {
        let words: Vec<_> = call
            .split_whitespace()
            .take_while(|word| !["#", "&&", "|"].contains(word))
            .map(|word| word.trim_matches(['[', ']']))
            .collect();
        let is_option = |word: &&str| word.starts_with('-');
        let is_any = |word: &&str| word.contains(['<', '…']) || word.starts_with(char::is_uppercase);
        let leading: Vec<_> = words
            .iter()
            .copied()
            .take_while(|word| !is_option(word) && !is_any(word))
            .collect();
        let Some(command) = leading.first() else { continue };
        let is_test = *command == "test";
        let known = if is_test {
            (*command).to_owned()
        } else {
            leading.join(" ")
        };
        let Some(help) = tree.help(&known) else {
            wrong.push(format!("there is no command `cargo xtask {known}`"));
            continue;
        };
        let has = |word: &str| {
            help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .any(|other| other == word)
        };
        let is_stage = |word: &str| stages().iter().any(|stage| stage == word);
        for stage in leading.iter().skip(1).filter(|stage| is_test && !is_stage(stage)) {
            wrong.push(format!("there is no stage {stage}"));
        }
        for option in words.iter().filter(|word| is_option(word) && !has(word)) {
            wrong.push(format!("`cargo xtask {known}` has no {option}"));
        }
    }
    wrong
}

/// Links that lead nowhere.
fn links(document: &str, text: &str, tree: &There) -> Vec<String> {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let targets = targets.filter(|target| !target.contains("://") && !target.contains("::"));
    targets
        .filter(|target| {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() {
                document.to_owned()
            } else {
                resolve(folder, path)
            };
            let is_there = tree.paths.contains(&path);
            !is_there
                || !heading.is_empty()
                    && !headings(tree.repository.text(&path).unwrap_or_default()).contains(&heading.to_owned())
        })
        .map(|target| format!("a link leads nowhere: {target}"))
        .collect()
}

fn resolve(folder: &str, path: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// As GitHub names them.
fn headings(text: &str) -> Vec<String> {
    let titles = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim());
    let name = |title: &str| {
        let kept = title.to_lowercase().replace(' ', "-");
        kept.chars()
            .filter(|character| character.is_alphanumeric() || "-_".contains(*character))
            .collect()
    };
    titles.map(name).collect()
}

#[test]
fn documents_name_what_there_is() {
    let mut tree = There::read();
    let documents: Vec<_> = tree.paths.iter().filter(|path| is_document(path)).cloned().collect();
    // Of decisions and changes only the links: they tell of what was.
    let is_past = |path: &str| path.starts_with("docs/adr/") || path == "CHANGELOG.md";
    let mut complaints = Vec::new();
    for document in documents {
        let text = tree.repository.text(&document).unwrap_or_default().to_owned();
        if is_past(&document) {
            let wrong = links(&document, &text, &tree);
            complaints.extend(wrong.into_iter().map(|complaint| format!("{document}: {complaint}")));
        } else {
            complaints.extend(mistakes(&document, &text, &mut tree));
        }
    }
    complain(&complaints);
}

#[test]
fn a_name_of_nothing_is_found() {
    let mut tree = There::read();
    let right = "See `docs/operating.md`, `services/<noun>/src/lib.rs`, `lib.rs`, [money](operating.md#taking-money).\n\
        `cargo xtask test fmt clippy` and `cargo xtask bench pages --seconds 3`, `STOA_LISTEN`, `cargo run --bin catalog`,\n\
        `parts_depend_on_the_platform_alone`.\n\n```sh\ncargo xtask up --only checkout   # the rest stays\n```\n";
    assert_eq!(mistakes("docs/x.md", right, &mut tree), Vec::<String>::new());
    for wrong in [
        "`docs/nothing.md`",
        "`services/<noun>/src/nothing.rs`",
        "`nothing.rs`",
        "`nothing/`",
        "[money](nothing.md)",
        "[money](operating.md#taking-nothing)",
        "`cargo xtask nothing`",
        "`cargo xtask bench nothing`",
        "`cargo xtask test nowhere`",
        "`cargo xtask up --nothing`",
        "`cargo run --bin nothing`",
        "STOA_NOTHING",
        "`no_such_test_is_there`",
        "\n```sh\ncargo xtask nothing\n```\n",
    ] {
        let found = mistakes("docs/x.md", &format!("Text {wrong} text.\n"), &mut tree);
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
    }
}

#[test]
fn the_index_of_documents_is_complete() {
    let tree = Tree::of_repository();
    let index = tree.text("docs/README.md").unwrap_or_default();
    let listed: Vec<_> = index
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    let documents = tree.files("docs", ".md").map(|(path, _)| path);
    let complaints: Vec<_> = documents
        .filter(|document| *document != "docs/README.md" && !listed.contains(&&document["docs/".len()..]))
        .map(|document| format!("docs/README.md does not list {document}"))
        .collect();
    complain(&complaints);
}
