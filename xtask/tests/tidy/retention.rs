//! `docs/operating.md` tells of every table how long its rows are kept.

use std::collections::BTreeSet;
use std::path::Path;

use super::{code, complain, files, read, root};

/// Where a part's tables are named: the folder's name, and the table's.
type Table = (String, String);

/// What is swept, or why it is not, is known of every table that there is; and there is every table that it is known of.
#[test]
fn every_table_has_its_retention() {
    let (there, told) = (tables(), told());
    assert!(there.len() > 20, "{there:?}");
    let untold = there.difference(&told);
    let untold = untold.map(|(part, table)| format!("docs/operating.md, What is kept: {part} has a table `{table}`"));
    let gone = told.difference(&there);
    let gone = gone.map(|(part, table)| format!("docs/operating.md, What is kept: {part} has no table `{table}`"));
    complain(&untold.chain(gone).collect::<Vec<_>>());
}

/// Those of all migrations, and those of files that are no SQL.
fn tables() -> BTreeSet<Table> {
    let mut tables = BTreeSet::new();
    for folder in ["services", "platform"] {
        let mut migrations = files(&root().join(folder), ".sql");
        migrations.sort();
        for path in migrations.iter().filter(|path| folder_name(path, 1) == "migrations") {
            let part = folder_name(path, 2);
            let sql = read(path);
            let lines = sql.lines().filter(|line| !line.starts_with("--"));
            for statement in lines.collect::<Vec<_>>().join("\n").split(';') {
                let words: Vec<_> = statement.split_whitespace().collect();
                match words.as_slice() {
                    ["create", "table", "if", "not", "exists", table, ..] | ["create", "table", table, ..] => {
                        tables.insert((part.clone(), (*table).to_owned()));
                    }
                    ["drop", "table", table] => {
                        tables.remove(&(part.clone(), (*table).to_owned()));
                    }
                    _ => {}
                }
            }
        }
    }
    for path in files(&root().join("services"), ".rs") {
        for named in code(&path).split("TableDefinition::new(\"").skip(1) {
            let name = named.split('"').next().unwrap_or_default();
            let path = path.strip_prefix(root().join("services")).expect("inside").to_owned();
            let part = path.iter().next().expect("a part").to_string_lossy().into_owned();
            tables.insert((part, name.to_owned()));
        }
    }
    tables
}

/// The name of the folder so many levels above a file.
fn folder_name(path: &Path, levels: usize) -> String {
    let name = path.ancestors().nth(levels).and_then(Path::file_name);
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// Those of the handbook; keys of Redis have a colon, and are no tables.
fn told() -> BTreeSet<Table> {
    let text = read(&root().join("docs/operating.md"));
    let section = text.split("\n## What is kept\n").nth(1).expect("the section");
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
