//! Every part is in the tables of `deploy/` and on the maps for readers.

use serde_json::Value;

use crate::Complaints;
use crate::deploy::tables;
use crate::package::{Package, parts};
use crate::tree::Tree;

const TABLES: [&str; 2] = ["deploy/local.toml", "deploy/scale.toml"];
const DISCOVERY: &str = "deploy/discovery.json";
const ARCHITECTURE: &str = "ARCHITECTURE.md";
const README: &str = "README.md";

fn every_part_is_on_the_maps(tree: &Tree) -> Complaints {
    let tables = tables(tree);
    let discovery: Value = serde_json::from_str(tree.text(DISCOVERY).unwrap_or("{}")).expect("JSON");
    let mut complaints = Vec::new();
    for part in parts(tree) {
        let mut port = "";
        for path in TABLES {
            let mut entries = tables
                .iter()
                .filter(|table| table.path == path)
                .flat_map(|table| &table.parts);
            match entries.find(|entry| entry.name == part.name) {
                Some(entry) => port = entry.listen.rsplit(':').next().unwrap_or_default(),
                None => complaints.push(format!("{path} has no part {}", part.name)),
            }
        }
        let name = part.folder.rsplit('/').next().unwrap_or_default();
        if !has_row(tree.text(ARCHITECTURE).unwrap_or_default(), name, port) {
            complaints.push(format!(
                "{ARCHITECTURE} has no row for {} with port {port}",
                part.folder
            ));
        }
        if is_page(&part) {
            if !discovery["microFrontends"][name].is_array() {
                complaints.push(format!("{DISCOVERY} has no {name}"));
            }
            if !tree
                .text(README)
                .unwrap_or_default()
                .contains(&format!("─▶ {} ", part.folder))
            {
                complaints.push(format!("the picture in {README} has no {}", part.folder));
            }
        }
    }
    complaints
}

/// `| services | `catalog` | products | 4101 |`
fn has_row(text: &str, name: &str, port: &str) -> bool {
    text.lines().any(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, _, cell, _, listens, _] = cells.as_slice() else {
            return false;
        };
        *cell == format!("`{name}`") && listens.split(", ").any(|other| other == port)
    })
}

/// Whether it is a frontend that the discovery document leads to.
fn is_page(part: &Package) -> bool {
    part.row() == "frontends" && part.folder != "frontends/shell"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn every_part_is_on_the_maps_here() {
        keeps(every_part_is_on_the_maps);
    }

    #[test]
    fn part_that_is_not_on_every_map_is_found() {
        let manifest = ("frontends/explore/Cargo.toml", "[package]\nname = \"explore-frontend\"");
        let table = "[[part]]\nname = \"explore-frontend\"\nlisten = \"127.0.0.1:4301\"\n";
        let whole = [
            manifest,
            (TABLES[0], table),
            (TABLES[1], table),
            (DISCOVERY, r#"{ "microFrontends": { "explore": [] } }"#),
            (ARCHITECTURE, "| frontends | `explore` | `/` | 4301, 4399 |\n"),
            (README, "shell ─▶ frontends/explore ─▶ bffs/explore\n"),
        ];
        let check = every_part_is_on_the_maps;
        assert!(check(&Tree::of(&whole)).is_empty());
        for (path, text, expected) in [
            (TABLES[0], "", "deploy/local.toml has no part explore-frontend"),
            (TABLES[1], "", "deploy/scale.toml has no part explore-frontend"),
            (DISCOVERY, "{}", "discovery.json has no explore"),
            (
                ARCHITECTURE,
                "| frontends | `explore` | `/` | 4302 |",
                "no row for frontends/explore with port 4301",
            ),
            (
                README,
                "shell ─▶ frontends/explorer ─▶ bffs/explore",
                "has no frontends/explore",
            ),
        ] {
            let mut texts = whole;
            for (other, changed) in &mut texts {
                if *other == path {
                    *changed = text;
                }
            }
            finds(check, &texts, expected);
        }
    }
}
