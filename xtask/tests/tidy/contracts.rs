//! Law 2: contracts are files, which a provider's tests keep true and a consumer's tests read.

use serde_json::Value;

use crate::Complaints;
use crate::package::{Package, parts};
use crate::tree::Tree;

/// A provider has a contract, and a test that keeps it.
fn every_provider_keeps_its_contract(tree: &Tree) -> Complaints {
    let parts = parts(tree);
    let providers = parts.iter().filter(|part| part.row() != "frontends");
    let mut complaints = Vec::new();
    for part in providers {
        let folder = &part.folder;
        if !tree.has(&format!("{folder}/openapi.json")) {
            complaints.push(format!("{folder} has no openapi.json"));
        }
        let tests = format!("{folder}/tests");
        let mark = format!("check_contract(\"{folder}\"");
        if !tree.sources(&tests).any(|(_, source)| source.whole().has(&mark)) {
            complaints.push(format!("no test of {folder} keeps its contract: {mark}, …)"));
        }
    }
    complaints
}

/// Whom it calls, it reads the contract of: in tests, by readers or by a double that keeps to it.
fn every_consumer_reads_the_contracts_of_others(tree: &Tree) -> Complaints {
    let parts = parts(tree);
    let mut complaints = Vec::new();
    for part in &parts {
        let read: Vec<String> = tree
            .sources(&part.folder)
            .flat_map(|(_, source)| read_contracts(&source.whole()))
            .collect();
        for provider in providers(tree, part, &parts) {
            if !read.contains(&provider.folder) {
                complaints.push(format!(
                    "no test of {} reads the contract of {}",
                    part.folder, provider.folder
                ));
            }
        }
    }
    complaints
}

fn read_contracts(tokens: &crate::source::Tokens) -> Vec<String> {
    let read = ["Contract::of(", "Double::of("]
        .into_iter()
        .flat_map(|mark| tokens.after(mark));
    read.filter_map(|rest| crate::source::string(rest.first()?)).collect()
}

/// Whom its clients call.
fn providers<'a>(tree: &Tree, part: &Package, parts: &'a [Package]) -> Vec<&'a Package> {
    let src = part.src();
    let called: Vec<String> = tree
        .sources(&src)
        .flat_map(|(_, source)| crate::calls::callees(&source.shipped()))
        .collect();
    parts.iter().filter(|other| called.contains(&other.name)).collect()
}

/// A type of event that a service publishes has one example, which its consumers read.
fn every_event_has_an_example(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for part in parts(tree).iter().filter(|part| part.row() == "services") {
        let src = part.src();
        let begins = format!("{}.", part.name);
        let kinds = tree
            .sources(&src)
            .flat_map(|(_, source)| source.shipped().strings().collect::<Vec<_>>());
        let mut kinds: Vec<String> = kinds
            .filter(|text| text.starts_with(&begins) && is_kind(text))
            .collect();
        kinds.sort();
        kinds.dedup();
        let events = format!("{}/events", part.folder);
        for kind in kinds {
            let is_example = |text: &str| serde_json::from_str::<Value>(text).is_ok_and(|event| event["type"] == *kind);
            if !tree.files(&events, ".json").any(|(_, text)| is_example(text)) {
                complaints.push(format!("{events} has no example of {kind}"));
            }
        }
    }
    complaints
}

/// `orders.order-placed.v1`
fn is_kind(text: &str) -> bool {
    let words: Vec<_> = text.split('.').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let [_, what, version] = words.as_slice() else {
        return false;
    };
    is_word(what)
        && version
            .strip_prefix('v')
            .is_some_and(|number| number.parse::<u8>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    const CATALOG: (&str, &str) = ("services/catalog/Cargo.toml", "[package]\nname = \"catalog\"");
    const EXPLORE: (&str, &str) = ("bffs/explore/Cargo.toml", "[package]\nname = \"explore-bff\"");

    #[test]
    fn every_provider_keeps_its_contract_here() {
        keeps(every_provider_keeps_its_contract);
    }

    #[test]
    fn contract_that_no_test_keeps_is_found() {
        let test = "fn f() { check_contract(\"services/catalog\", &json); }";
        let kept = [
            CATALOG,
            ("services/catalog/openapi.json", "{}"),
            ("services/catalog/tests/api/main.rs", test),
        ];
        assert!(every_provider_keeps_its_contract(&Tree::of(&kept)).is_empty());
        finds(
            every_provider_keeps_its_contract,
            &kept[..2],
            "no test of services/catalog keeps",
        );
        finds(
            every_provider_keeps_its_contract,
            &[kept[0], kept[2]],
            "services/catalog has no openapi.json",
        );
    }

    #[test]
    fn every_consumer_reads_the_contracts_of_others_here() {
        keeps(every_consumer_reads_the_contracts_of_others);
    }

    #[test]
    fn contract_that_no_consumer_reads_is_found() {
        let lib = ("bffs/explore/src/lib.rs", "fn f() { Client::new(\"catalog\", url); }");
        let test = |part: &str| format!("#[test] fn f() {{ Contract::of(\"services/{part}\"); }}");
        let check = every_consumer_reads_the_contracts_of_others;
        let (own, other) = (test("catalog"), test("pricing"));
        let path = "bffs/explore/tests/api/main.rs";
        assert!(check(&Tree::of(&[CATALOG, EXPLORE, lib, (path, &own)])).is_empty());
        finds(
            check,
            &[CATALOG, EXPLORE, lib, (path, &other)],
            "no test of bffs/explore reads",
        );
    }

    #[test]
    fn every_event_has_an_example_here() {
        keeps(every_event_has_an_example);
    }

    #[test]
    fn event_without_an_example_is_found() {
        let src = (
            "services/catalog/src/events.rs",
            "const KIND: &str = \"catalog.thing-made.v1\";",
        );
        let example = (
            "services/catalog/events/thing-made.json",
            r#"{ "type": "catalog.thing-made.v1" }"#,
        );
        assert!(every_event_has_an_example(&Tree::of(&[CATALOG, src, example])).is_empty());
        finds(
            every_event_has_an_example,
            &[CATALOG, src],
            "no example of catalog.thing-made.v1",
        );
    }
}
