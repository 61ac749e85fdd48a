//! `docs/attacks.md` is true.

use crate::Complaints;
use crate::tree::Tree;

const PATH: &str = "docs/attacks.md";

/// It names tests that there are, and its numbers go on by one.
fn every_attack_is_a_test(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    let mut count = 0;
    for row in rows(tree.text(PATH).unwrap_or_default()) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        count += 1;
        if cells[0].parse::<usize>().is_ok_and(|number| number != count) {
            complaints.push(format!("row {count} is numbered {}", cells[0]));
        }
        let [.., path, name] = cells.as_slice() else {
            complaints.push(format!("row {count} names no test"));
            continue;
        };
        let (path, name) = (path.trim_matches('`'), name.trim_matches('`'));
        let source = tree.text(path).unwrap_or_default();
        let forms = [
            format!("fn {name}("),
            format!("test(\"{name}\""),
            format!("test('{name}'"),
        ];
        if !forms.iter().any(|form| source.contains(form)) {
            complaints.push(format!("row {count}: {path} has no test `{name}`"));
        }
    }
    complaints
}

/// The rows of all tables, without their heads.
fn rows(text: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<_> = text.lines().collect();
    let next = lines.iter().skip(1).copied().chain([""]).collect::<Vec<_>>();
    let is_row = |(line, next): &(&str, &str)| line.starts_with("| ") && !next.starts_with("|---");
    let rows = lines.into_iter().zip(next).filter(is_row);
    rows.map(|(line, _)| line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn every_attack_is_a_test_here() {
        keeps(every_attack_is_a_test);
        assert!(rows(Tree::of_repository().text(PATH).unwrap_or_default()).count() > 10);
    }

    #[test]
    fn attack_without_a_test_is_found() {
        let table =
            |number: u8, name: &str| format!("| # | where | test |\n|---|---|---|\n| {number} | `a.rs` | `{name}` |\n");
        let tests = ("a.rs", "fn there_is_one() {}");
        let (wrong, misnumbered) = (table(1, "there_is_none"), table(2, "there_is_one"));
        finds(
            every_attack_is_a_test,
            &[(PATH, &wrong), tests],
            "a.rs has no test `there_is_none`",
        );
        finds(
            every_attack_is_a_test,
            &[(PATH, &misnumbered), tests],
            "row 1 is numbered 2",
        );
    }
}
