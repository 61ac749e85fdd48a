//! The operators' handbook names every setting of every part.

use crate::Complaints;
use crate::package::{Package, parts};
use crate::settings::{fields, variable};
use crate::tree::{Tree, is_below};

const HANDBOOK: &str = "docs/operating.md";

/// Each has a row that names its part.
fn every_setting_of_a_part_is_in_the_handbook(tree: &Tree) -> Complaints {
    let handbook = tree.text(HANDBOOK).unwrap_or_default();
    let fields = fields(tree);
    let mut complaints = Vec::new();
    for part in parts(tree) {
        let titles = titles(&part);
        let own = fields.iter().filter(|(path, _)| is_below(path, &part.src()));
        let unnamed = own
            .filter_map(|(_, field)| variable(field))
            .filter(|setting| !names(handbook, setting, &titles));
        complaints.extend(unnamed.map(|setting| format!("{HANDBOOK} has no row for {setting} of {}", titles[0])));
    }
    complaints
}

/// What the handbook calls a part, alone and among its like.
fn titles(part: &Package) -> [String; 2] {
    let name = part.folder.rsplit('/').next().unwrap_or_default();
    let (own, all) = match part.row() {
        "bffs" => (format!("{name} BFF"), "every BFF"),
        "frontends" if name != "shell" => (format!("{name} frontend"), "every frontend"),
        "frontends" => (name.to_owned(), "every frontend"),
        _ => (name.to_owned(), "every service"),
    };
    [own, all.to_owned()]
}

/// Whether a table has a row for this setting of this part: `| part, part | `SETTING`, … | …`.
fn names(handbook: &str, setting: &str, titles: &[String]) -> bool {
    let is_url = setting.starts_with("STOA_") && setting.ends_with("_URL");
    handbook.lines().filter(|line| line.starts_with('|')).any(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, whose, which, ..] = cells.as_slice() else {
            return false;
        };
        let is_whose = whose.split(", ").any(|name| titles.iter().any(|title| title == name));
        let is_it = |name: &str| name == format!("`{setting}`") || is_url && name == "`STOA_<PART>_URL`";
        is_whose && which.split(", ").any(is_it)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn every_setting_of_a_part_is_in_the_handbook_here() {
        keeps(every_setting_of_a_part_is_in_the_handbook);
    }

    #[test]
    fn setting_that_is_not_in_the_handbook_is_found() {
        let manifest = ("services/orders/Cargo.toml", "[package]\nname = \"orders\"");
        let setting = |name: &str| format!("struct Config {{ #[arg(env = \"{name}\")] x: u8 }}");
        let rows = "| orders, every BFF | `STOA_A`, `STOA_<PART>_URL` | 1 |\n| payments | `STOA_B` | 1 |\n";
        for known in ["STOA_A", "STOA_CATALOG_URL"] {
            let source = setting(known);
            let texts = [manifest, ("services/orders/src/lib.rs", &source), (HANDBOOK, rows)];
            assert!(
                every_setting_of_a_part_is_in_the_handbook(&Tree::of(&texts)).is_empty(),
                "{known}"
            );
        }
        for unknown in ["STOA_B", "STOA_C"] {
            let source = setting(unknown);
            let texts = [manifest, ("services/orders/src/lib.rs", &source), (HANDBOOK, rows)];
            let expected = format!("no row for {unknown} of orders");
            finds(every_setting_of_a_part_is_in_the_handbook, &texts, &expected);
        }
    }
}
