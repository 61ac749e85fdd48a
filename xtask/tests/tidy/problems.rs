//! The kinds of problems by which a part decides are in the contracts of the parts that it calls, or in its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{PARTS, code, complain, files, kind, parts, read, root};

/// The named examples of a contract are the kinds that its part answers with.
fn kinds(part: &str) -> BTreeSet<String> {
    let path = root().join(part).join("openapi.json");
    if !path.exists() {
        return BTreeSet::new();
    }
    let document: Value = serde_json::from_str(&read(&path)).expect("a contract is JSON");
    let examples = document["components"]["examples"].as_object();
    examples.into_iter().flatten().map(|(kind, _)| kind.clone()).collect()
}

/// Whose answers a part reads: a frontend its BFF's, a BFF and orders the services'.
fn providers(part: &str) -> Vec<String> {
    let name = part.split('/').nth(1).unwrap_or_default();
    match kind(part) {
        "frontends" => vec![format!("bffs/{name}")],
        _ => parts()
            .into_iter()
            .filter(|other| kind(other) == "services" || other == part)
            .collect(),
    }
}

/// The kinds that stand in a source: `.is("…")`, `.is_any(&["…"])`, the arms after `kind()`, and whole types.
fn decided_by(source: &str) -> BTreeSet<&str> {
    let shipped = source.split("#[cfg(test)]").next().unwrap_or_default();
    let after = |mark: &'static str, end: &'static str| {
        let pieces = shipped.split(mark).skip(1);
        pieces.flat_map(move |piece| texts(piece.split(end).next().unwrap_or_default()))
    };
    let types = texts(shipped).filter_map(|text| text.strip_prefix("urn:problem:"));
    let arms = shipped.split(".kind() {").skip(1).flat_map(|rest| {
        let arms = rest.split("_ =>").next().unwrap_or_default();
        arms.lines()
            .filter(|line| line.contains("=>"))
            .flat_map(|line| texts(line.split("=>").next().unwrap_or_default()))
    });
    after(".is_any(&[", "]")
        .chain(arms)
        .chain(types)
        .chain(
            shipped
                .split(".is(\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next()),
        )
        .collect()
}

fn texts(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').skip(1).step_by(2)
}

#[test]
fn kinds_that_parts_decide_by_are_in_contracts() {
    let mut complaints = Vec::new();
    for part in parts().iter().filter(|part| PARTS.contains(&kind(part))) {
        let known: BTreeSet<_> = providers(part).iter().flat_map(|provider| kinds(provider)).collect();
        let folders = ["src", "islands/src"].map(|folder| root().join(part).join(folder));
        for path in folders.iter().flat_map(|folder| files(folder, ".rs")) {
            let source = code(&path);
            let unknown = decided_by(&source).into_iter().filter(|kind| !known.contains(*kind));
            complaints.extend(unknown.map(|kind| format!("{}: no contract has {kind}", path.display())));
        }
    }
    complain(&complaints);
}

#[test]
fn kind_that_a_part_decides_by_is_found() {
    for source in [
        r#"problem.is("gone-away")"#,
        r#"problem.is_any(&["gone-away"])"#,
        r#"match problem.kind() { "gone-away" => 1, _ => 2 }"#,
        r#"text == "urn:problem:gone-away""#,
    ] {
        assert_eq!(decided_by(source), BTreeSet::from(["gone-away"]), "{source}");
    }
}
