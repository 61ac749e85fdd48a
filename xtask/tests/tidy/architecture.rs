//! `ARCHITECTURE.md` says which check keeps which law.

use crate::Complaints;
use crate::tree::Tree;

const PATH: &str = "ARCHITECTURE.md";
const LAWS: &str = "## Laws";

/// Every law names one, and every check that is named is there.
fn every_law_names_its_check(tree: &Tree) -> Complaints {
    let text = tree.text(PATH).unwrap_or_default();
    let mut complaints = Vec::new();
    for (name, path) in links(text) {
        let source = tree.text(path).unwrap_or_default();
        if !source.contains(&format!("fn {name}(")) {
            complaints.push(format!("{PATH}: {path} has no check `{name}`"));
        }
    }
    let laws = text.split(LAWS).nth(1).unwrap_or_default();
    let laws = laws.split("\n## ").next().unwrap_or_default();
    let laws = numbered(laws).into_iter();
    let silent = laws.filter(|law| links(law).next().is_none());
    complaints.extend(silent.map(|law| format!("{PATH}: no check keeps: {}", law.lines().next().unwrap_or_default())));
    complaints
}

/// The points of a numbered list.
fn numbered(text: &str) -> Vec<String> {
    let mut points: Vec<String> = Vec::new();
    for line in text.lines() {
        let is_point = line
            .split_once(". ")
            .is_some_and(|(number, _)| number.parse::<u8>().is_ok());
        match points.last_mut() {
            _ if is_point => points.push(line.to_owned()),
            Some(point) if line.starts_with(' ') => *point = format!("{point}\n{line}"),
            _ => {}
        }
    }
    points
}

/// Links whose text is a name of code: [`name`](path).
fn links(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let begun = text.split("[`").skip(1);
    begun.filter_map(|rest| {
        let (name, rest) = rest.split_once("`](")?;
        let (path, _) = rest.split_once(')')?;
        path.starts_with("xtask/").then_some((name, path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn every_law_names_its_check_here() {
        keeps(every_law_names_its_check);
    }

    #[test]
    fn law_without_a_check_is_found() {
        let source = ("xtask/a.rs", "fn one_calls_two(tree: &Tree) {}");
        let laws = |check: &str| {
            format!(
                "# A\n\n{LAWS}\n\n1. One calls two: [`one_calls_two`](xtask/a.rs).\n2. Two\n   {check}\n\n## B\n\n3. C\n"
            )
        };
        let (good, none, wrong) = (
            laws("calls [`one_calls_two`](xtask/a.rs)."),
            laws("calls nobody."),
            laws("calls [`two_calls_one`](xtask/a.rs)."),
        );
        assert!(every_law_names_its_check(&Tree::of(&[(PATH, &good), source])).is_empty());
        finds(
            every_law_names_its_check,
            &[(PATH, &none), source],
            "no check keeps: 2. Two",
        );
        finds(
            every_law_names_its_check,
            &[(PATH, &wrong), source],
            "xtask/a.rs has no check `two_calls_one`",
        );
    }
}
