//! The operators' handbook names every setting of every part.

use super::{complain, files, kind, parts, read, root};

#[test]
fn every_setting_of_a_part_is_in_the_operators_handbook() {
    let handbook = read(&root().join("docs/operating.md"));
    let mut complaints = Vec::new();
    for part in parts() {
        let titles = titles(&part);
        for setting in settings(&part)
            .iter()
            .filter(|setting| !names(&handbook, setting, &titles))
        {
            complaints.push(format!("docs/operating.md has no row for {setting} of {}", titles[0]));
        }
    }
    complain(&complaints);
}

#[test]
fn a_setting_that_is_not_in_the_handbook_is_found() {
    let handbook = "| part | variable |\n|---|---|\n| orders, every BFF | `STOA_A`, `STOA_<PART>_URL` | 1 |\n";
    let has = |setting, part| names(handbook, setting, &titles(part));
    assert!(has("STOA_A", "services/orders") && has("STOA_A", "bffs/product"));
    assert!(has("STOA_CATALOG_URL", "services/orders"));
    assert!(
        !has("STOA_A", "services/payments") && !has("STOA_A", "frontends/orders") && !has("STOA_B", "services/orders")
    );
    assert!(settings("services/orders").contains(&"STOA_ANSWER_MS".to_owned()));
}

/// The variables of the settings that a part declares itself.
fn settings(part: &str) -> Vec<String> {
    let sources = files(&root().join(part).join("src"), ".rs");
    let declared = |text: String| -> Vec<String> {
        let after = text.split("env = \"").skip(1);
        after
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect()
    };
    sources.iter().flat_map(|path| declared(read(path))).collect()
}

/// What the handbook calls a part, alone and among its like.
fn titles(part: &str) -> [String; 2] {
    let name = part.rsplit('/').next().unwrap_or_default();
    let (own, all) = match kind(part) {
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
