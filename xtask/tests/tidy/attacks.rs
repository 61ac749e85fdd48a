//! `docs/attacks.md` is true.

use std::fs;

use super::{complain, read, root};

/// It names tests that there are, and its numbers go on by one.
#[test]
fn every_attack_is_a_test() {
    let text = read(&root().join("docs/attacks.md"));
    let mut complaints = Vec::new();
    let mut count = 0;
    for row in rows(&text) {
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
        let source = fs::read_to_string(root().join(path)).unwrap_or_default();
        let forms = [
            format!("fn {name}("),
            format!("test(\"{name}\""),
            format!("test('{name}'"),
        ];
        if !forms.iter().any(|form| source.contains(form)) {
            complaints.push(format!("row {count}: {path} has no test `{name}`"));
        }
    }
    complain(&complaints);
}

/// The rows of all tables, without their heads.
fn rows(text: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<_> = text.lines().collect();
    let next = lines.iter().skip(1).copied().chain([""]).collect::<Vec<_>>();
    let is_row = |(line, next): &(&str, &str)| line.starts_with("| ") && !next.starts_with("|---");
    let rows = lines.into_iter().zip(next).filter(is_row);
    rows.map(|(line, _)| line)
}
