//! A service's rules are arithmetic: they know no transport, no store, no clock, no chance and no layer above them.

use crate::Complaints;
use crate::package::{Package, parts};
use crate::source::Tokens;
use crate::tree::{Tree, is_below};

/// What rules may be made of: values, their texts and their schemas.
const ALLOWED: [&str; 17] = [
    "ammonia",
    "base64",
    "chrono",
    "icu_collator",
    "money",
    "secrecy",
    "serde",
    "serde_json",
    "text",
    "thiserror",
    "unicode_normalization",
    "unicode_properties",
    "url",
    "utoipa",
    "uuid",
    "values",
    "proptest",
];

/// What gives another answer each time: that is told to rules.
const CHANCES: [&str; 9] = [
    "::now(",
    "Instant",
    "SystemTime",
    "new_v4",
    "new_v7",
    "now_v1",
    "now_v6",
    "now_v7",
    "fastrand",
];

/// What of the standard library is no arithmetic.
const OUTSIDE: [&str; 8] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::io",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
];

fn rules_know_no_transport_no_store_no_clock(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for part in parts(tree).iter().filter(|part| part.row() == "services") {
        let (file, folder) = (format!("{}/domain.rs", part.src()), format!("{}/domain", part.src()));
        let src = part.src();
        let domain = tree
            .sources(&src)
            .filter(|(path, _)| *path == file || is_below(path, &folder));
        for (path, source) in domain.filter(|(path, _)| !path.ends_with("tests.rs")) {
            let tokens = source.shipped();
            let is_root = path == file;
            complaints.extend(
                found(part, &tokens, is_root)
                    .iter()
                    .map(|found| format!("{path} uses {found}")),
            );
        }
    }
    complaints
}

fn found(part: &Package, tokens: &Tokens, is_root: bool) -> Vec<String> {
    let needs = part.needs.iter().map(|need| need.name.replace('-', "_"));
    let foreign = needs.filter(|need| !ALLOWED.contains(&need.as_str()));
    let mut found: Vec<String> = foreign.filter(|need| tokens.has(&format!("{need}::"))).collect();
    let marks = CHANCES.iter().chain(&OUTSIDE).filter(|mark| tokens.has(mark));
    found.extend(marks.map(|mark| (*mark).to_owned()));
    let above = tokens
        .after("crate::")
        .filter_map(|rest| rest.first())
        .filter(|name| *name != "domain");
    found.extend(above.map(|name| format!("crate::{name}")));
    let above = if is_root { "super::" } else { "super::super::" };
    found.extend(tokens.has(above).then(|| above.to_owned()));
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    const MANIFEST: (&str, &str) = (
        "services/orders/Cargo.toml",
        "[package]\nname = \"orders\"\n[dependencies]\nreqwest.workspace = true\nchrono.workspace = true\n\
         utoipa-axum.workspace = true",
    );

    #[test]
    fn rules_know_no_transport_no_store_no_clock_here() {
        keeps(rules_know_no_transport_no_store_no_clock);
    }

    #[test]
    fn what_rules_must_not_know_is_found() {
        for (text, expected) in [
            ("use reqwest::Url;", "reqwest"),
            ("fn f() { ::reqwest :: get(\"\"); }", "reqwest"),
            ("use utoipa_axum::routes;", "utoipa_axum"),
            ("use crate::store;", "crate::store"),
            ("use crate::{domain, store};", "crate::{"),
            ("fn f() { chrono::Utc::now(); }", "::now("),
            ("fn f(at: T) { at.since(clock::now()); }", "::now("),
            ("use uuid::Uuid as Id; fn f() { Id::new_v4(); }", "new_v4"),
            ("fn f() { std::fs::read(\"\"); }", "std::fs"),
        ] {
            for path in ["services/orders/src/domain.rs", "services/orders/src/domain/webhook.rs"] {
                finds(
                    rules_know_no_transport_no_store_no_clock,
                    &[MANIFEST, (path, text)],
                    expected,
                );
            }
        }
        let path = "services/orders/src/domain/webhook.rs";
        finds(
            rules_know_no_transport_no_store_no_clock,
            &[MANIFEST, (path, "use super::super::store;")],
            "super",
        );
    }
}
