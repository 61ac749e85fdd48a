//! Law 3: who calls whom.

use serde_json::Value;

use crate::Complaints;
use crate::deploy::{listeners, tables};
use crate::package::{Package, parts};
use crate::source::{Tokens, string};
use crate::tree::Tree;

/// The one service that calls others, and where: inside of the workflow that it owns.
const CALLER: &str = "orders";
const WORKFLOW: [&str; 3] = ["lib.rs", "saga", "upstream"];

/// Addresses that a part tells browsers and does not call, by part and setting.
const TOLD: [(&str, &str); 3] = [
    ("orders", "STOA_SHOP_URL"),
    ("payments", "STOA_PUBLIC_URL"),
    ("stripe-double", "STOA_PUBLIC_URL"),
];

/// A double stands for the world outside, which payments calls and hears.
const OUTSIDE: [(&str, &str); 2] = [("payments", "stripe-double"), ("stripe-double", "payments")];

/// A frontend calls its own BFF; a BFF calls services; a service calls another one only inside of a workflow.
fn may_call(part: &Package, called: &str, parts: &[Package]) -> bool {
    let Some(other) = parts.iter().find(|part| part.name == called) else {
        return false;
    };
    let team = |package: &Package| package.folder.rsplit('/').next().map(str::to_owned);
    match part.row() {
        "frontends" => other.row() == "bffs" && team(part) == team(other),
        "bffs" => other.row() == "services",
        "services" => other.row() == "services" && part.name == CALLER && other.name != CALLER,
        _ => false,
    }
}

/// By the clients that its source makes, and the feeds that it reads.
fn parts_call_whom_they_may(tree: &Tree) -> Complaints {
    let parts = parts(tree);
    let mut complaints = Vec::new();
    for part in &parts {
        let src = part.src();
        for (path, source) in tree.sources(&src) {
            let tokens = source.shipped();
            for callee in callees(&tokens) {
                let is_known = parts.iter().any(|other| other.name == callee);
                // A second client of the same part has words of its own behind the name.
                let name = callee.strip_suffix("-waiting").filter(|_| !is_known).unwrap_or(&callee);
                if !may_call(part, name, &parts) {
                    complaints.push(format!("{path}: {} must not call {callee}", part.name));
                }
            }
        }
    }
    complaints
}

pub fn callees(tokens: &Tokens) -> Vec<String> {
    let called = ["Client::new(", ".to("].into_iter().flat_map(|mark| tokens.after(mark));
    called.filter_map(|rest| string(rest.first()?)).collect()
}

/// By the addresses that it has a setting for.
fn parts_know_the_addresses_of_whom_they_call(tree: &Tree) -> Complaints {
    let parts = parts(tree);
    let mut complaints = Vec::new();
    for part in &parts {
        let src = part.src();
        for (path, source) in tree.sources_with(&src, "BaseUrl") {
            let tokens = source.shipped();
            for rest in tokens.after("env =") {
                let Some(variable) = rest.first().and_then(|token| string(token)) else {
                    continue;
                };
                let callee = variable
                    .strip_prefix("STOA_")
                    .and_then(|name| name.strip_suffix("_URL"));
                let is_base = rest
                    .iter()
                    .take_while(|token| *token != "env")
                    .any(|token| token == "BaseUrl");
                let (Some(callee), true) = (callee, is_base) else {
                    continue;
                };
                let callee = match callee.to_lowercase().as_str() {
                    "bff" => format!("{}-bff", part.folder.rsplit('/').next().unwrap_or_default()),
                    name => name.replace('_', "-"),
                };
                let is_told = TOLD.contains(&(part.name.as_str(), variable.as_str()));
                if !is_told && !may_call(part, &callee, &parts) {
                    complaints.push(format!("{path}: {} must not have {variable}", part.name));
                }
            }
        }
    }
    complaints
}

/// A service that calls others does so in the workflow that it owns.
fn services_call_inside_of_a_workflow(tree: &Tree) -> Complaints {
    let src = format!("services/{CALLER}/src");
    let outside = tree.sources(&src).filter(|(path, _)| {
        let inside = &path[src.len() + 1..];
        let first = inside.split('/').next().unwrap_or_default();
        !WORKFLOW
            .iter()
            .any(|part| first == *part || first.strip_suffix(".rs") == Some(part))
    });
    let calls = outside.filter(|(_, source)| {
        let tokens = source.shipped();
        ["crate::upstream", "super::upstream", "Client::new("]
            .iter()
            .any(|mark| tokens.has(mark))
    });
    calls
        .map(|(path, _)| format!("{path}: calls another service outside of {}", WORKFLOW[1]))
        .collect()
}

/// By the addresses that it is told.
fn deploy_connects_whom_it_may(tree: &Tree) -> Complaints {
    let (parts, tables) = (parts(tree), tables(tree));
    let listeners = listeners(&tables);
    let mut complaints = Vec::new();
    for (table, entry) in tables
        .iter()
        .flat_map(|table| table.parts.iter().map(move |entry| (table, entry)))
    {
        for (variable, value) in &entry.env {
            let called = listeners.iter().filter(|(address, _)| value.contains(address));
            for (_, callee) in called {
                let pair = (entry.name.as_str(), *callee);
                let is_told = TOLD.contains(&(entry.name.as_str(), variable.as_str()));
                let part = parts.iter().find(|part| part.name == entry.name);
                if is_told || OUTSIDE.contains(&pair) {
                    continue;
                }
                let may = part.is_some_and(|part| may_call(part, callee, &parts));
                if !may || !is_setting_of(variable, callee) {
                    complaints.push(format!(
                        "{}: {} is told {callee}'s address as {variable}",
                        table.path, entry.name
                    ));
                }
            }
        }
    }
    complaints
}

/// `STOA_CATALOG_URL` of catalog, `STOA_BFF_URL` of a BFF.
fn is_setting_of(variable: &str, callee: &str) -> bool {
    let name = if callee.ends_with("-bff") {
        "BFF".to_owned()
    } else {
        callee.to_uppercase().replace('-', "_")
    };
    variable == format!("STOA_{name}_URL")
}

/// The shell leads to a frontend, and what scripts ask to the BFF of the same name.
fn discovery_leads_to_frontends_and_their_bffs(tree: &Tree) -> Complaints {
    const PATH: &str = "deploy/discovery.json";
    let tables = tables(tree);
    let listeners = listeners(&tables);
    let document: Value = serde_json::from_str(tree.text(PATH).unwrap_or("{}")).expect("JSON");
    let mut complaints = Vec::new();
    for (frontend, versions) in document["microFrontends"].as_object().into_iter().flatten() {
        for version in versions.as_array().into_iter().flatten() {
            for (at, part) in [
                ("/url", "frontend"),
                ("/fallbackUrl", "frontend"),
                ("/extras/api", "bff"),
            ] {
                let Some(address) = version.pointer(at).and_then(Value::as_str) else {
                    continue;
                };
                let expected = format!("{frontend}-{part}");
                let leads = |(listen, name): &(&str, &str)| *name == expected && address == format!("http://{listen}");
                if !listeners.iter().any(leads) {
                    complaints.push(format!("{PATH}: {at} of {frontend} does not lead to {expected}"));
                }
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    const MANIFESTS: [(&str, &str); 7] = [
        ("services/catalog/Cargo.toml", "[package]\nname = \"catalog\""),
        ("services/orders/Cargo.toml", "[package]\nname = \"orders\""),
        ("services/payments/Cargo.toml", "[package]\nname = \"payments\""),
        ("bffs/explore/Cargo.toml", "[package]\nname = \"explore-bff\""),
        ("bffs/product/Cargo.toml", "[package]\nname = \"product-bff\""),
        ("frontends/explore/Cargo.toml", "[package]\nname = \"explore-frontend\""),
        ("frontends/shell/Cargo.toml", "[package]\nname = \"shell\""),
    ];

    fn with<'a>(path: &'a str, text: &'a str) -> Vec<(&'a str, &'a str)> {
        MANIFESTS.into_iter().chain([(path, text)]).collect()
    }

    #[test]
    fn parts_call_whom_they_may_here() {
        keeps(parts_call_whom_they_may);
        // It sees them at all.
        let tree = Tree::of_repository();
        let (_, lib) = tree
            .sources("bffs/checkout/src")
            .find(|(path, _)| path.ends_with("/lib.rs"))
            .unwrap();
        assert!(callees(&lib.shipped()).contains(&"orders-waiting".to_owned()));
    }

    #[test]
    fn call_of_whom_a_part_must_not_call_is_found() {
        for (part, callee) in [
            ("frontends/explore", "catalog"),
            ("frontends/explore", "product-bff"),
            ("frontends/shell", "catalog"),
            ("bffs/explore", "product-bff"),
            ("bffs/explore", "explore-frontend"),
            ("services/catalog", "orders"),
            ("services/catalog", "explore-bff"),
            ("services/orders", "explore-bff"),
            ("services/orders", "who"),
        ] {
            let path = format!("{part}/src/lib.rs");
            let text = format!("fn f() {{ Client::new(\"{callee}\", url); }}");
            finds(
                parts_call_whom_they_may,
                &with(&path, &text),
                &format!("must not call {callee}"),
            );
        }
        let feed = "fn f() { Subscription::new(name, db, handler).to(\"orders\", url, &KINDS); }";
        finds(
            parts_call_whom_they_may,
            &with("services/catalog/src/lib.rs", feed),
            "must not call orders",
        );
        for (part, callee) in [
            ("frontends/explore", "explore-bff"),
            ("bffs/explore", "catalog-waiting"),
        ] {
            let path = format!("{part}/src/lib.rs");
            let text = format!("fn f() {{ Client::new(\"{callee}\", url); }}");
            assert!(parts_call_whom_they_may(&Tree::of(&with(&path, &text))).is_empty());
        }
    }

    #[test]
    fn parts_know_the_addresses_of_whom_they_call_here() {
        keeps(parts_know_the_addresses_of_whom_they_call);
    }

    #[test]
    fn address_of_whom_a_part_must_not_call_is_found() {
        for (part, variable) in [
            ("services/catalog", "STOA_ORDERS_URL"),
            ("bffs/explore", "STOA_BFF_URL"),
            ("frontends/explore", "STOA_CATALOG_URL"),
            ("frontends/shell", "STOA_BFF_URL"),
        ] {
            let path = format!("{part}/src/lib.rs");
            let text = format!("struct Config {{ #[arg(long, env = \"{variable}\")] url: BaseUrl }}");
            finds(
                parts_know_the_addresses_of_whom_they_call,
                &with(&path, &text),
                variable,
            );
        }
    }

    #[test]
    fn services_call_inside_of_a_workflow_here() {
        keeps(services_call_inside_of_a_workflow);
    }

    #[test]
    fn call_outside_of_the_workflow_is_found() {
        let text = "use crate::upstream::payments::Payments;";
        for path in ["services/orders/src/http/orders.rs", "services/orders/src/worker.rs"] {
            finds(services_call_inside_of_a_workflow, &[(path, text)], path);
        }
    }

    #[test]
    fn deploy_connects_whom_it_may_here() {
        keeps(deploy_connects_whom_it_may);
    }

    #[test]
    fn connection_that_must_not_be_is_found() {
        let table = |caller: &str, variable: &str| {
            format!(
                "[[part]]\nname = \"{caller}\"\nlisten = \"127.0.0.1:9\"\n[part.env]\n{variable} = \"http://127.0.0.1:1\"\n\
                 [[part]]\nname = \"orders\"\nlisten = \"127.0.0.1:1\"\n"
            )
        };
        for (caller, variable) in [
            ("explore-frontend", "STOA_BFF_URL"),
            ("catalog", "STOA_ORDERS_URL"),
            ("shell", "STOA_ORDERS_URL"),
            ("explore-bff", "STOA_CATALOG_URL"),
        ] {
            let table = table(caller, variable);
            finds(
                deploy_connects_whom_it_may,
                &with("deploy/local.toml", &table),
                "is told orders's address",
            );
        }
    }

    #[test]
    fn discovery_leads_to_frontends_and_their_bffs_here() {
        keeps(discovery_leads_to_frontends_and_their_bffs);
    }

    #[test]
    fn discovery_that_leads_astray_is_found() {
        let table = "[[part]]\nname = \"explore-frontend\"\nlisten = \"127.0.0.1:1\"\n\
            [[part]]\nname = \"explore-bff\"\nlisten = \"127.0.0.1:2\"\n";
        for (url, api, expected) in [(1, 1, "/extras/api"), (2, 2, "/url")] {
            let document = format!(
                r#"{{ "microFrontends": {{ "explore": [{{ "url": "http://127.0.0.1:{url}",
                "extras": {{ "api": "http://127.0.0.1:{api}" }} }}] }} }}"#
            );
            let texts = [("deploy/local.toml", table), ("deploy/discovery.json", &document)];
            finds(discovery_leads_to_frontends_and_their_bffs, &texts, expected);
        }
    }
}
