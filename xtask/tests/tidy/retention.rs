//! `docs/operating.md` tells of every table how long its rows are kept.

use std::collections::BTreeSet;

use crate::Complaints;
use crate::tree::Tree;

const HANDBOOK: &str = "docs/operating.md";

/// Where a part's tables are named: the folder's name, and the table's.
type Table = (String, String);

/// What is swept, or why it is not, is told of every table that there is, and of no other.
fn every_table_has_its_retention(tree: &Tree) -> Complaints {
    let (there, told) = (tables(tree), told(tree));
    let untold = there.difference(&told);
    let untold = untold.map(|(part, table)| format!("{HANDBOOK}, What is kept: {part} has a table `{table}`"));
    let gone = told.difference(&there);
    let gone = gone.map(|(part, table)| format!("{HANDBOOK}, What is kept: {part} has no table `{table}`"));
    untold.chain(gone).collect()
}

/// Those of all migrations, in their order, and those of files that are no SQL.
fn tables(tree: &Tree) -> BTreeSet<Table> {
    let mut tables = BTreeSet::new();
    for (path, sql) in ["services", "platform"]
        .iter()
        .flat_map(|folder| tree.files(folder, ".sql"))
    {
        let Some((folder, _)) = path.split_once("/migrations/") else {
            continue;
        };
        let part = folder.rsplit('/').next().unwrap_or_default();
        let lines = sql.lines().filter(|line| !line.starts_with("--"));
        for statement in lines.collect::<Vec<_>>().join("\n").split(';') {
            let words: Vec<_> = statement.split_whitespace().collect();
            match words.as_slice() {
                ["create", "table", "if", "not", "exists", table, ..] | ["create", "table", table, ..] => {
                    tables.insert((part.to_owned(), (*table).to_owned()));
                }
                ["drop", "table", table] => {
                    tables.remove(&(part.to_owned(), (*table).to_owned()));
                }
                _ => {}
            }
        }
    }
    for (path, source) in tree.sources_with("services", "TableDefinition") {
        let part = path.split('/').nth(1).unwrap_or_default();
        for named in source.shipped().after("TableDefinition::new(") {
            let name = named.first().and_then(|name| crate::source::string(name));
            tables.extend(name.map(|name| (part.to_owned(), name)));
        }
    }
    tables
}

/// Those of the handbook; keys of Redis have a colon, and are no tables.
fn told(tree: &Tree) -> BTreeSet<Table> {
    let text = tree.text(HANDBOOK).unwrap_or_default();
    let section = text.split("## What is kept\n").nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let rows = rows.flat_map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, part, tables, ..] = cells.as_slice() else {
            return Vec::new();
        };
        let names = tables.split('`').skip(1).step_by(2);
        names.map(|table| ((*part).to_owned(), table.to_owned())).collect()
    });
    rows.filter(|(_, table)| !table.contains(':')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn every_table_has_its_retention_here() {
        assert!(tables(&Tree::of_repository()).len() > 20);
        keeps(every_table_has_its_retention);
    }

    #[test]
    fn table_that_grows_unseen_is_found() {
        let handbook = |tables: &str| format!("## What is kept\n\n| part | tables |\n|---|---|\n| cart | {tables} |\n");
        let sql = "create table carts (id uuid); create table old (id uuid); drop table old;";
        let sql = ("services/cart/migrations/0001.sql", sql);
        let file = (
            "services/cart/src/store.rs",
            "const KEYS: TableDefinition<u8, u8> = TableDefinition::new(\"keys\");",
        );
        let check = every_table_has_its_retention;
        let both = handbook("`carts`, `keys`, `cart:{id}`");
        assert!(check(&Tree::of(&[sql, file, (HANDBOOK, &both)])).is_empty());
        for (told, expected) in [
            ("`keys`", "cart has a table `carts`"),
            ("`carts`", "cart has a table `keys`"),
            ("`carts`, `keys`, `old`", "cart has no table `old`"),
        ] {
            finds(check, &[sql, file, (HANDBOOK, &handbook(told))], expected);
        }
    }
}
