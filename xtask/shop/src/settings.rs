//! What a part can be told: its program says so itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use machine::{Error, Result, fail};

use crate::topology::Part;

/// What the names of all settings begin with.
const PREFIX: &str = "STOA_";

/// Variables that are for tools and tests. One that ends with `_` stands for all that begin so.
const TOOLS: [&str; 7] = [
    "STOA_CHROMIUM",
    "STOA_FIREFOX",
    "STOA_PARTS",
    "STOA_RACE_ROUNDS",
    "STOA_SCREENSHOTS",
    "STOA_TEST_",
    "STOA_URL",
];

/// Names that are less alike than this are not taken for one another.
const ALIKE: f64 = 0.6;

/// The names of a part's settings.
#[derive(Debug, PartialEq)]
pub struct Settings(BTreeSet<String>);

impl Settings {
    /// Asks the program.
    pub fn of(binary: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        for name in of_caller() {
            command.env_remove(name);
        }
        let output = command.arg("--settings").output();
        let output = output.map_err(|error| Error::at(binary, error))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            return fail(format!(
                "{} does not tell its settings: {}",
                binary.display(),
                words.trim()
            ));
        }
        let names = String::from_utf8_lossy(&output.stdout);
        Ok(Self(names.lines().map(str::to_owned).collect()))
    }

    /// Refuses what a table tells a part that has no such setting.
    pub fn check(&self, part: &Part) -> Result<()> {
        let told = part.env.keys().filter(|name| name.starts_with(PREFIX));
        match told.into_iter().find(|name| !self.0.contains(*name)) {
            Some(name) => {
                let advice = advice(name, self.0.iter().map(String::as_str));
                fail(format!(
                    "{} is told {name}, which is none of its settings{advice}",
                    part.name
                ))
            }
            None => Ok(()),
        }
    }

    /// The caller's variables that are settings of other parts, or of tools: the part would refuse them.
    pub fn foreign(&self) -> impl Iterator<Item = String> {
        of_caller().filter(|name| !self.0.contains(name))
    }
}

/// Refuses a variable of the caller that neither one of these parts nor a tool has: it is misspelt. Where a part is not built,
/// nobody can tell.
pub fn check_caller(binaries: &BTreeSet<PathBuf>) -> Result<()> {
    let names: Vec<_> = of_caller().filter(|name| !is_of_tool(name)).collect();
    if names.is_empty() || binaries.iter().any(|binary| !binary.exists()) {
        return Ok(());
    }
    let known = binaries.iter().map(|binary| Settings::of(binary));
    let known: Vec<_> = known.collect::<Result<_>>()?;
    let known: BTreeSet<_> = known
        .iter()
        .flat_map(|settings| &settings.0)
        .map(String::as_str)
        .collect();
    match names.iter().find(|name| !known.contains(name.as_str())) {
        Some(name) => {
            let advice = advice(name, known.into_iter().chain(TOOLS));
            fail(format!(
                "{name} is set here, and neither a part nor a tool has such a setting{advice}"
            ))
        }
        None => Ok(()),
    }
}

/// The name that is likely meant.
fn advice<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let own = |name: &'a str| name.trim_start_matches(PREFIX);
    let misspelt = name.trim_start_matches(PREFIX);
    let alike = known.map(|known| (known, strsim::normalized_damerau_levenshtein(misspelt, own(known))));
    let nearest = alike.max_by(|(_, one), (_, other)| one.total_cmp(other));
    match nearest {
        Some((known, likeness)) if likeness >= ALIKE => format!("; did you mean {known}?"),
        _ => String::new(),
    }
}

fn is_of_tool(name: &str) -> bool {
    let is_meant = |tool: &str| name == tool || (tool.ends_with('_') && name.starts_with(tool));
    TOOLS.into_iter().any(is_meant)
}

/// Names that begin like a setting, where xtask is run.
fn of_caller() -> impl Iterator<Item = String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| name.starts_with(PREFIX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::Topology;

    #[test]
    fn variables_of_tools_are_known() {
        for name in ["STOA_CHROMIUM", "STOA_TEST_POSTGRES"] {
            assert!(is_of_tool(name), "{name}");
        }
        for name in ["STOA_CHROMIUMS", "STOA_TEST", "STOA_LISTEN"] {
            assert!(!is_of_tool(name), "{name}");
        }
    }

    #[test]
    fn setting_that_a_part_does_not_have_is_refused_with_the_nearest_name() {
        let table = r#"part = [{ name = "catalog", listen = "127.0.0.1:4101", env = { STOA_DATABSE_URL = "x", RUST_LOG = "x" } }]"#;
        let topology: Topology = toml::from_str(table).unwrap();
        let settings = Settings(BTreeSet::from([
            "STOA_DATABASE_URL".to_owned(),
            "STOA_LISTEN".to_owned(),
        ]));
        let refusal = settings.check(&topology.parts()[0]).unwrap_err().to_string();
        let expected =
            "catalog is told STOA_DATABSE_URL, which is none of its settings; did you mean STOA_DATABASE_URL?";
        assert_eq!(refusal, expected);
        assert_eq!(advice("STOA_EVENTS", ["STOA_LISTEN"].into_iter()), "");
    }
}
