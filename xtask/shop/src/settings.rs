//! The settings that a part has, as its own program lists them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use machine::{Error, Result, fail};

use crate::topology::Part;

/// The names of all settings begin with this.
const PREFIX: &str = "STOA_";

/// Variables of tools and tests. A name that ends with `_` stands for all that begin with it.
const TOOLS: [&str; 7] = [
    "STOA_CHROMIUM",
    "STOA_FIREFOX",
    "STOA_PARTS",
    "STOA_RACE_ROUNDS",
    "STOA_SCREENSHOTS",
    "STOA_TEST_",
    "STOA_URL",
];

/// The least similarity of two names for a suggestion.
const ALIKE: f64 = 0.6;

/// The names of a part's settings.
#[derive(Debug, PartialEq)]
pub struct Settings(BTreeSet<String>);

impl Settings {
    /// Asks the part's program.
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

    /// Refuses a variable of the table that is not a setting of its part.
    pub fn check(&self, part: &Part) -> Result<()> {
        let told = part.env.keys().filter(|name| name.starts_with(PREFIX));
        match told.into_iter().find(|name| !self.0.contains(*name)) {
            Some(name) => {
                let advice = advice(name, self.0.iter().map(String::as_str));
                fail(format!(
                    "{name} is set for {}, which has no such setting{advice}",
                    part.name
                ))
            }
            None => Ok(()),
        }
    }

    /// Variables of the caller that belong to other parts or to tools. The part would refuse them.
    pub fn foreign(&self) -> impl Iterator<Item = String> {
        of_caller().filter(|name| !self.0.contains(name))
    }
}

/// Refuses a misspelt variable of the caller: one that neither a part nor a tool has. Without all parts built, this cannot be
/// known, and nothing is refused.
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
                "{name} is set, but neither a part nor a tool has such a setting{advice}"
            ))
        }
        None => Ok(()),
    }
}

/// Suggests the most similar name.
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

/// Names in xtask's environment that begin like a setting.
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
    fn unknown_setting_is_refused_with_the_most_similar_name() {
        let table = r#"part = [{ name = "catalog", listen = "127.0.0.1:4101", env = { STOA_DATABSE_URL = "x", RUST_LOG = "x" } }]"#;
        let topology: Topology = toml::from_str(table).unwrap();
        let settings = Settings(BTreeSet::from([
            "STOA_DATABASE_URL".to_owned(),
            "STOA_LISTEN".to_owned(),
        ]));
        let refusal = settings.check(&topology.parts()[0]).unwrap_err().to_string();
        let expected =
            "STOA_DATABSE_URL is set for catalog, which has no such setting; did you mean STOA_DATABASE_URL?";
        assert_eq!(refusal, expected);
        assert_eq!(advice("STOA_EVENTS", ["STOA_LISTEN"].into_iter()), "");
    }
}
