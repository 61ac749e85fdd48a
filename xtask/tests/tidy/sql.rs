//! SQL stands in a service's stores and migrations, and nowhere else.

use crate::Complaints;
use crate::package::packages;
use crate::source::Tokens;
use crate::tree::Tree;

/// Where the macros are that take SQL.
const STORAGE: &str = "platform/storage/src";

/// What begins SQL, and what else is in it.
const STATEMENTS: [(&str, &str); 7] = [
    ("select ", ""),
    ("insert into ", ""),
    ("update ", " set "),
    ("delete from ", ""),
    ("with ", " select "),
    ("create ", " table "),
    ("alter ", " table "),
];

fn sql_stands_in_stores_and_migrations(tree: &Tree) -> Complaints {
    let macros = macros(tree);
    let mut complaints = Vec::new();
    for package in packages(tree).iter().filter(|package| package.row() == "services") {
        let src = package.src();
        for (path, source) in tree.sources(&src) {
            let is_store = path[src.len()..].split('/').any(|part| part.starts_with("store"));
            if is_store {
                continue;
            }
            let tokens = source.shipped();
            let mark = macros.iter().find(|name| tokens.has(&format!("{name}!("))).cloned();
            let found = mark.or_else(|| driver(&tokens)).or_else(|| statement(&tokens));
            complaints.extend(found.map(|found| format!("{path}: SQL outside of the store: {found}")));
        }
    }
    complaints
}

/// The macros of `storage` with a parameter `$sql`, whatever they are called.
fn macros(tree: &Tree) -> Vec<String> {
    let mut macros = Vec::new();
    for (_, source) in tree.sources(STORAGE) {
        let tokens = source.shipped();
        for rest in tokens.after("#[macro_export] macro_rules!") {
            let body = rest.iter().take_while(|token| *token != "macro_rules");
            if body.clone().any(|token| token == "sql") {
                macros.extend(rest.first().cloned());
            }
        }
    }
    macros
}

/// The driver itself.
fn driver(tokens: &Tokens) -> Option<String> {
    let mut calls = tokens.after("sqlx::").filter_map(|rest| rest.first());
    calls
        .find(|name| name.starts_with("query") || *name == "raw_sql" || *name == "QueryBuilder")
        .cloned()
}

fn statement(tokens: &Tokens) -> Option<String> {
    let is_sql = |text: &String| {
        let text = text.trim_start();
        STATEMENTS
            .iter()
            .any(|(begins, has)| text.starts_with(begins) && text.contains(has))
    };
    tokens.strings().find(is_sql)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn sql_stands_in_stores_and_migrations_here() {
        keeps(sql_stands_in_stores_and_migrations);
        assert!(macros(&Tree::of_repository()).contains(&"execute".to_owned()));
    }

    #[test]
    fn sql_outside_of_the_store_is_found() {
        let storage = (
            "platform/storage/src/lib.rs",
            "#[macro_export] macro_rules! execute { ($on:expr, $sql:expr) => {}; }",
        );
        let manifest = ("services/catalog/Cargo.toml", "[package]\nname = \"catalog\"");
        for text in [
            "fn f() { execute!(db, sql()); }",
            "fn f() { storage::execute!(db, sql()); }",
            "fn f() { sqlx::query_as(sql()); }",
            "fn f() { db.ask(\"select 1\"); }",
            "const SQL: &str = \"update things set a = 1\";",
        ] {
            let texts = [storage, manifest, ("services/catalog/src/http/things.rs", text)];
            finds(
                sql_stands_in_stores_and_migrations,
                &texts,
                "services/catalog/src/http/things.rs",
            );
            let texts = [storage, manifest, ("services/catalog/src/store/things.rs", text)];
            assert!(
                sql_stands_in_stores_and_migrations(&Tree::of(&texts)).is_empty(),
                "{text}"
            );
        }
    }
}
