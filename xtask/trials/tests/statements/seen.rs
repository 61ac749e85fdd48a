//! The statements: those that were run, and those in the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// How PostgreSQL's log has a statement that came prepared.
const EXECUTED: &str = "LOG:  execute ";
const VERBS: [&str; 5] = ["select ", "insert into ", "update ", "delete from ", "with "];

/// On one line.
pub fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The statements that the tests of a package have run.
pub fn statements(folder: &Path, package: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the folder of statements").flatten() {
        read(&fs::read_to_string(entry.path()).expect("a log"), package, &mut found);
    }
    found
}

/// A line begins with the name of the database, which `testkit` names after the package; further lines of a statement begin
/// with a tab.
fn read(log: &str, package: &str, found: &mut BTreeSet<String>) {
    let database = format!("test_{package}_");
    let mut lines = log.lines().peekable();
    while let Some(line) = lines.next() {
        let is_of_package = line.starts_with(&database);
        let executed = line.split_once(EXECUTED).filter(|_| is_of_package);
        let Some((_, first)) = executed.and_then(|(_, text)| text.split_once(": ")) else {
            continue;
        };
        let mut statement = first.to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with('\t')) {
            statement.push(' ');
            statement.push_str(more);
        }
        let statement = normal(&statement);
        if VERBS.iter().any(|verb| statement.starts_with(verb)) {
            found.insert(one_list(&statement));
        }
    }
}

/// A list of parameters that ends a statement may be of any length: `in ($1, $2, $3)` is the same statement as `in ($1)`.
pub fn one_list(statement: &str) -> String {
    let list = statement
        .rsplit_once(" in (")
        .and_then(|(before, list)| Some((before, list.strip_suffix(')')?)));
    match list.filter(|(_, list)| list.split(", ").all(|item| item.starts_with('$'))) {
        Some((before, list)) => format!("{before} in ({})", list.split(',').next().unwrap_or_default()),
        None => statement.to_owned(),
    }
}

/// The pieces of statements in the sources of a package: each text that begins like one.
#[derive(Default)]
pub struct Sources {
    /// Of what is shipped
    pub ours: BTreeSet<String>,
    /// Of tests
    pub tests: BTreeSet<String>,
}

/// Those of this package.
pub fn sources(package: &str) -> Sources {
    let (mut sources, folder) = (Sources::default(), testkit::repository(package));
    for folder in ["src", "tests"].map(|name| folder.join(name)) {
        scan(&folder, &mut sources);
    }
    sources
}

fn scan(folder: &Path, sources: &mut Sources) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            scan(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            let is_test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
            let (ours, tests) = if is_test {
                ("", text.as_str())
            } else {
                text.split_once("#[cfg(test)]").unwrap_or((&text, ""))
            };
            sources.ours.extend(pieces(ours));
            sources.tests.extend(pieces(tests));
        }
    }
}

fn pieces(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let texts = code.split('"').skip(1).step_by(2).map(normal);
    let is_piece = |text: &String| {
        let is_plain = !text.contains(['{', '\\']);
        is_plain && VERBS.iter().any(|verb| text.starts_with(verb))
    };
    texts.filter(is_piece).collect()
}
