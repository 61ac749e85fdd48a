//! The kinds of problems by which a part decides are in the contracts of the parts that it calls, or in its own.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Complaints;
use crate::package::{Package, parts};
use crate::source::{Tokens, string};
use crate::tree::Tree;

fn kinds_that_parts_decide_by_are_in_contracts(tree: &Tree) -> Complaints {
    let parts = parts(tree);
    let mut complaints = Vec::new();
    for part in &parts {
        let providers = providers(part, &parts);
        let known: BTreeSet<_> = providers.iter().flat_map(|provider| kinds(tree, provider)).collect();
        for folder in ["src", "islands/src"].map(|folder| format!("{}/{folder}", part.folder)) {
            for (path, source) in tree.sources(&folder) {
                let decided = decided_by(&source.shipped());
                let unknown = decided.into_iter().filter(|kind| !known.contains(kind));
                complaints.extend(unknown.map(|kind| format!("{path}: no contract has {kind}")));
            }
        }
    }
    complaints
}

/// The named examples of a contract are the kinds that its part answers with.
fn kinds(tree: &Tree, part: &str) -> BTreeSet<String> {
    let Some(text) = tree.text(&format!("{part}/openapi.json")) else {
        return BTreeSet::new();
    };
    let document: Value = serde_json::from_str(text).expect("a contract is JSON");
    let examples = document["components"]["examples"].as_object();
    examples.into_iter().flatten().map(|(kind, _)| kind.clone()).collect()
}

/// Whose answers a part reads: a frontend its BFF's, a BFF and orders the services'.
fn providers(part: &Package, parts: &[Package]) -> Vec<String> {
    let is_read = |other: &&Package| other.row() == "services" || other.folder == part.folder;
    match part.folder.strip_prefix("frontends/") {
        Some(name) => vec![format!("bffs/{name}")],
        None => parts.iter().filter(is_read).map(|other| other.folder.clone()).collect(),
    }
}

/// The kinds that stand in a source: `.is("…")`, `.is_any(&["…"])`, the arms after `kind()`, and whole types.
fn decided_by(source: &Tokens) -> BTreeSet<String> {
    let one = source.after(".is(").filter_map(|rest| string(rest.first()?));
    let many = source.inside(".is_any(&[").flat_map(strings);
    let arms = source.inside(".kind() {").flat_map(|arms| {
        // What an arm does, behind its arrow, is no kind.
        let patterns = arms.split(|token| token == ",").map(|arm| {
            let arrow = arm.windows(2).position(|pair| pair == ["=", ">"]);
            &arm[..arrow.unwrap_or(0)]
        });
        patterns.flat_map(strings).collect::<Vec<_>>()
    });
    let types = source.strings();
    let types = types.filter_map(|text| text.strip_prefix("urn:problem:").map(str::to_owned));
    one.chain(many).chain(arms).chain(types).collect()
}

fn strings(tokens: &[String]) -> impl Iterator<Item = String> {
    tokens.iter().filter_map(|token| string(token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn kinds_that_parts_decide_by_are_in_contracts_here() {
        keeps(kinds_that_parts_decide_by_are_in_contracts);
    }

    #[test]
    fn kind_that_a_part_decides_by_and_no_contract_has_is_found() {
        let contract = r#"{"components": {"examples": {"out-of-stock": {}}}}"#;
        for text in [
            r#"problem.is("out-of-stock") || problem.is("gone-away")"#,
            r#"problem.is_any(&["out-of-stock", "gone-away"])"#,
            r#"match problem.kind() { "out-of-stock" => told("1"), "gone-away" => 2, _ => 3 }"#,
            r#"text == "urn:problem:gone-away""#,
        ] {
            let text = format!("fn f() {{ {text} }}");
            let texts = [
                ("services/orders/Cargo.toml", "[package]\nname = \"orders\""),
                ("services/stock/Cargo.toml", "[package]\nname = \"stock\""),
                ("services/stock/openapi.json", contract),
                ("services/orders/src/lib.rs", &text),
            ];
            finds(
                kinds_that_parts_decide_by_are_in_contracts,
                &texts,
                "services/orders/src/lib.rs: no contract has gone-away",
            );
        }
    }
}
