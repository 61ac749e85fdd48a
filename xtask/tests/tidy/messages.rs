//! One style of messages, and one vocabulary of fields: see docs/logging-and-errors.md.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};

use crate::complain;
use crate::tree::Tree;

/// Beside the `error.rs` of parts, these have errors whose text stands in a problem document.
const ON_THE_WIRE: [&str; 3] = [
    "platform/events/src/consumer/parked.rs",
    "services/cart/src/domain.rs",
    "services/payments/src/domain.rs",
];

/// Words that have a capital letter wherever they stand, beside those with several.
const NAMES: [&str; 3] = ["Playwright", "Redis", "Stripe"];

/// A double speaks as what it stands for.
const DOUBLE: &str = "services/payments/stripe-double/";

const HOW_TO: &str = "docs/logging-and-errors.md";

/// A source file without its comments: literals are replaced by their numbers, so that nothing in them looks like code.
struct Source {
    path: String,
    code: String,
    literals: Vec<String>,
}

/// What is given to a macro or a function.
type Call<'a> = Vec<&'a str>;

impl Source {
    fn new(path: impl Into<String>, text: &str) -> Self {
        let (mut code, mut literals) = (String::new(), Vec::new());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if rest.starts_with("//") {
                rest = rest.split_once('\n').map_or("", |(_, after)| after);
                code.push('\n');
            } else if let Some((literal, after)) = literal(rest) {
                write!(code, "\"{}\"", literals.len()).expect("a text takes all");
                literals.push(literal);
                rest = after;
            } else {
                let length = character(rest).unwrap_or(first.len_utf8());
                code.push_str(if length == first.len_utf8() {
                    &rest[..length]
                } else {
                    "' '"
                });
                rest = &rest[length..];
            }
        }
        Self {
            path: path.into(),
            code,
            literals,
        }
    }

    /// Without what is compiled for tests alone.
    fn shipped(mut self) -> Self {
        let end = self.code.find("#[cfg(test)]\nmod tests").unwrap_or(self.code.len());
        self.code.truncate(end);
        self
    }

    /// Every call that begins so: `tracing::warn!(`.
    fn calls(&self, opening: &str) -> Vec<Call<'_>> {
        let begins = self.code.match_indices(opening).map(|(at, _)| at + opening.len());
        begins.map(|begin| arguments(&self.code[begin..])).collect()
    }

    /// The text of a literal, of `format!` of one, or of what one is turned into.
    fn text(&self, code: &str) -> Option<&str> {
        let code = code.trim();
        let code = code.strip_prefix("&").unwrap_or(code);
        let code = code.strip_prefix("format!(").unwrap_or(code).trim_start();
        let number = code.strip_prefix('"')?.split('"').next()?;
        self.literals.get(number.parse::<usize>().ok()?).map(String::as_str)
    }

    fn complaint(&self, text: &str, rule: impl Display) -> String {
        format!("{}: {text:?}: {rule}", self.path)
    }
}

/// A text in quotes, plain or raw, and what follows it.
fn literal(code: &str) -> Option<(String, &str)> {
    let raw = code.strip_prefix('r').unwrap_or_default();
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    if let Some(inner) = raw[hashes..].strip_prefix('"') {
        let (text, after) = inner.split_once(&format!("\"{}", "#".repeat(hashes)))?;
        return Some((text.to_owned(), after));
    }
    let inner = code.strip_prefix('"')?;
    let (mut text, mut characters) = (String::new(), inner.char_indices());
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((text, &inner[at + 1..])),
            '\\' => {
                let (_, escaped) = characters.next()?;
                if escaped != '\n' {
                    text.push(escaped);
                    continue;
                }
                // The line goes on where the next one begins.
                while characters.as_str().starts_with(char::is_whitespace) {
                    characters.next();
                }
            }
            other => text.push(other),
        }
    }
    None
}

/// The length of a character in quotes: `'"'`. A lifetime has none.
fn character(code: &str) -> Option<usize> {
    let inner = code.strip_prefix('\'')?;
    let mut characters = inner.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        let (escaped, _) = characters.next()?;
        let end = inner[escaped + 1..].find('\'')? + escaped + 1;
        return Some(end + 2);
    }
    let (end, last) = characters.next()?;
    (last == '\'').then_some(end + 2)
}

/// What stands between the commas, up to the bracket that closes the call.
fn arguments(code: &str) -> Vec<&str> {
    let (mut found, mut depth, mut begin) = (Vec::new(), 0, 0);
    for (at, character) in code.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                found.push(code[begin..at].trim());
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(code[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|argument| !argument.is_empty());
    found
}

/// A full sentence for people.
fn is_sentence(text: &str) -> bool {
    let begins = text.starts_with(|first: char| first.is_uppercase() || first == '{');
    begins && text.ends_with(['.', '!', '?'])
}

/// Lower case without a full stop.
fn is_plain(text: &str) -> bool {
    let word = text.split([' ', ':', ',']).next().unwrap_or_default();
    let is_name = NAMES.contains(&word) || word.chars().skip(1).any(char::is_uppercase);
    let begins = is_name || !text.starts_with(char::is_uppercase);
    begins && !text.ends_with(['.', '!'])
}

const A_SENTENCE: &str = "goes over the wire: write a sentence, with a capital letter and a full stop";
const NO_SENTENCE: &str = "stays inside: write lower case, without a full stop";

/// `#[error("…")]`: sentences where they go over the wire.
fn check_errors(source: &Source) -> Vec<String> {
    let is_of_part = source.path.ends_with("/src/error.rs") && !source.path.starts_with("xtask/");
    let is_on_wire = is_of_part || ON_THE_WIRE.contains(&source.path.as_str());
    let calls = source.calls("#[error(");
    let texts = calls.iter().filter_map(|call| source.text(call.first()?));
    texts
        .filter(|text| !text.starts_with('{') || text.contains(' '))
        .filter_map(|text| match (is_on_wire, is_sentence(text), is_plain(text)) {
            (true, false, _) => Some(source.complaint(text, A_SENTENCE)),
            (false, _, false) => Some(source.complaint(text, NO_SENTENCE)),
            _ => None,
        })
        .collect()
}

/// What is written for a problem document, whole or at one of its fields.
fn check_details(source: &Source) -> Vec<String> {
    let mut texts = Vec::new();
    for opening in [".detail(", "Problem::not_found(", "Problem::invalid(", "Self::invalid("] {
        texts.extend(
            source
                .calls(opening)
                .iter()
                .filter_map(|call| source.text(call.first()?)),
        );
    }
    for opening in ["Violation::new(", ".field("] {
        texts.extend(
            source
                .calls(opening)
                .iter()
                .filter_map(|call| source.text(call.get(1)?)),
        );
    }
    for opening in ["detail: ", "detail = "] {
        texts.extend(source.code.split(opening).skip(1).filter_map(|code| source.text(code)));
    }
    texts.retain(|text| !is_sentence(text) && !source.path.starts_with(DOUBLE));
    texts.iter().map(|text| source.complaint(text, A_SENTENCE)).collect()
}

/// What stops a part, or says why a text could not be read.
fn check_panics(source: &Source) -> Vec<String> {
    let mut texts = Vec::new();
    for opening in [".expect(", "panic!(", "unreachable!(", "Malformed(", "Malformed::new("] {
        texts.extend(
            source
                .calls(opening)
                .iter()
                .filter_map(|call| source.text(call.first()?)),
        );
    }
    if source.path.starts_with("xtask/src/") {
        for opening in ["fail(", " Error(", "Error::because("] {
            texts.extend(
                source
                    .calls(opening)
                    .iter()
                    .filter_map(|call| source.text(call.first()?)),
            );
        }
    }
    let wrong = texts.into_iter().filter(|text| !is_plain(text));
    wrong.map(|text| source.complaint(text, NO_SENTENCE)).collect()
}

/// Every log line: short words, fields of the vocabulary, and errors with all of their causes.
fn check_lines(source: &Source, vocabulary: &BTreeSet<String>, seen: &mut BTreeSet<String>) -> Vec<String> {
    let levels = ["error", "warn", "info", "debug", "trace"];
    let lines = levels
        .iter()
        .flat_map(|level| source.calls(&format!("tracing::{level}!(")));
    let mut complaints = Vec::new();
    for arguments in lines {
        let (message, fields) = arguments.split_last().expect("a log line says something");
        match source.text(message) {
            Some(message) if is_plain(message) => {}
            Some(message) => complaints.push(source.complaint(message, NO_SENTENCE)),
            None => complaints.push(source.complaint(message, "a log line ends with its message")),
        }
        for field in fields {
            let (name, value) = field.split_once(" = ").unwrap_or((field, ""));
            let name = name.trim_start_matches(['%', '?']);
            let keeps_causes = value.starts_with("causes(") || value == "error.as_error()";
            if name == "error" && !keeps_causes {
                complaints.push(source.complaint(field, "loses its causes: error = causes(&error)"));
            }
            if !vocabulary.contains(name) {
                complaints.push(source.complaint(name, format!("no field of {HOW_TO}")));
            }
            seen.insert(name.to_owned());
        }
    }
    complaints
}

/// The fields that the handbook names, in its last table.
fn vocabulary(tree: &Tree) -> BTreeSet<String> {
    let text = tree.text(HOW_TO).unwrap_or_default();
    let (_, table) = text.split_once("| field |").expect("the handbook names the fields");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = rows.filter_map(|row| row.split_once(" |")).map(|(names, _)| names);
    names
        .flat_map(|names| names.split('`').filter(|name| !name.is_empty() && *name != ", "))
        .map(str::to_owned)
        .collect()
}

fn sources(tree: &Tree) -> impl Iterator<Item = Source> {
    let folders = ["platform", "services", "bffs", "frontends", "xtask"];
    let files = folders.into_iter().flat_map(|folder| tree.files(folder, ".rs"));
    let shipped = files.filter(|(path, _)| !path.contains("/tests/") && !path.ends_with("/tests.rs"));
    shipped.map(|(path, text)| Source::new(path, text).shipped())
}

/// All that a check says of all sources.
fn all(check: fn(&Source) -> Vec<String>) -> Vec<String> {
    sources(&Tree::of_repository())
        .flat_map(|source| check(&source))
        .collect()
}

#[test]
fn errors_are_sentences_on_the_wire_and_nowhere_else() {
    complain(&all(check_errors));
}

#[test]
fn details_of_problems_are_sentences() {
    complain(&all(check_details));
}

#[test]
fn panics_are_lower_case_without_a_full_stop() {
    complain(&all(check_panics));
}

#[test]
fn log_lines_have_short_words_known_fields_and_whole_errors() {
    let tree = Tree::of_repository();
    let (vocabulary, mut seen) = (vocabulary(&tree), BTreeSet::new());
    let mut complaints: Vec<String> = sources(&tree)
        .flat_map(|source| check_lines(&source, &vocabulary, &mut seen))
        .collect();
    // The formatter adds these.
    seen.extend(["cause", "trace"].map(str::to_owned));
    let unused = vocabulary.difference(&seen);
    complaints.extend(unused.map(|name| format!("{HOW_TO}: no log line has a field `{name}`")));
    complain(&complaints);
}

/// A check that finds nothing must be one that could.
#[test]
fn planted_messages_are_found() {
    let part = |text: &str| Source::new("services/things/src/error.rs", text);
    let library = |text: &str| Source::new("platform/things/src/lib.rs", text);
    for (text, is_found) in [
        (r#"#[error("there is no such {0}")]"#, true),
        (r#"#[error("There is no such {0}.")]"#, false),
        (r#"#[error("The thing is {}.", .0.as_str())]"#, false),
        ("#[error(transparent)]", false),
    ] {
        assert_eq!(!check_errors(&part(text)).is_empty(), is_found, "{text}");
    }
    assert!(!check_errors(&library(r#"#[error("The store does not answer.")]"#)).is_empty());
    assert!(check_errors(&library(r#"#[error("{0} has not answered")]"#)).is_empty());
    for (text, is_found) in [
        (r#"Problem::not_found("no thing")"#, true),
        (r#"problem.detail(format!("at most {MOST}"))"#, true),
        (r#"Violation { pointer: "/sku", detail: "must be there" }"#, true),
        (
            r#"Violation::new(format!("/lines/{index}"), "This is there twice.")"#,
            false,
        ),
    ] {
        assert_eq!(!check_details(&library(text)).is_empty(), is_found, "{text}");
    }
    for (text, is_found) in [
        (r#"thing.expect("There is one.")"#, true),
        (r#"thing.expect("TLS has been set up")"#, false),
        (r#"matches!(next, '"'); panic!("Stop")"#, true),
        (r#"// panic!("Stop")"#, false),
    ] {
        assert_eq!(!check_panics(&library(text)).is_empty(), is_found, "{text}");
    }
    let vocabulary = BTreeSet::from(["error", "order"].map(str::to_owned));
    for (text, is_found) in [
        (
            r#"tracing::warn!(order = %id, error = causes(&error), "an order is (not) done");"#,
            false,
        ),
        (r#"tracing::warn!(%order, "The order is done");"#, true),
        (r#"tracing::warn!("an order is done.");"#, true),
        (r#"tracing::warn!(%error, "an order is not done");"#, true),
        (r#"tracing::warn!(sequence = 3, "an order is not done");"#, true),
        ("tracing::warn!(order);", true),
    ] {
        let complaints = check_lines(&library(text), &vocabulary, &mut BTreeSet::new());
        assert_eq!(!complaints.is_empty(), is_found, "{text}");
    }
}
