//! The tables of `deploy/`. Entries are inserted as text, which keeps the layout and the comments.

use std::collections::BTreeMap;

use machine::{Error, Result, fail};
use serde::Deserialize;
use serde_json::Value;

use crate::make::Row;

/// The number of ports of a row.
const PORTS: u16 = 99;

/// `deploy/local.toml` or `deploy/scale.toml`.
#[derive(Deserialize)]
pub struct Table {
    #[serde(default)]
    server: Vec<Server>,
    part: Vec<Part>,
}

#[derive(Deserialize)]
struct Server {
    name: String,
    listen: String,
}

#[derive(Deserialize)]
struct Part {
    name: String,
    #[serde(default)]
    listen: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

impl Table {
    /// Reads a table.
    pub fn read(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(Error::of)
    }

    /// Where a part listens.
    pub fn listen(&self, part: &str) -> Option<&str> {
        self.part(part).map(|part| part.listen.as_str())
    }

    /// Where a server listens.
    pub fn server(&self, name: &str) -> Option<&str> {
        let server = self.server.iter().find(|server| server.name == name);
        server.map(|server| server.listen.as_str())
    }

    /// The parts whose addresses are in a part's settings.
    pub fn upstreams(&self, part: &str) -> Vec<&str> {
        let told: Vec<_> = self.part(part).into_iter().flat_map(|part| part.env.values()).collect();
        let is_told = |part: &&Part| !part.listen.is_empty() && told.iter().any(|value| value.contains(&part.listen));
        self.part
            .iter()
            .filter(is_told)
            .map(|part| part.name.as_str())
            .collect()
    }

    fn part(&self, name: &str) -> Option<&Part> {
        self.part.iter().find(|part| part.name == name)
    }
}

/// The first port of a row that is in no table.
pub fn free_port(row: Row, tables: &[String]) -> Result<u16> {
    let base = row.ports();
    let is_free = |port: &u16| !tables.iter().any(|table| table.contains(&format!(":{port}")));
    match (base + 1..=base + PORTS).find(is_free) {
        Some(port) => Ok(port),
        None => fail(format!("all ports from {} to {} are taken", base + 1, base + PORTS)),
    }
}

/// Adds a part after the last one of its row.
pub fn add_part(table: &str, row: Row, entry: &str) -> Result<String> {
    const OPENING: &str = "[[part]]\n";
    let begins: Vec<_> = table.match_indices(OPENING).map(|(at, _)| at).collect();
    let is_of_row = |at: &usize| {
        let name = table[at + OPENING.len()..].lines().next().unwrap_or_default();
        let name = name.trim_start_matches("name = \"").trim_end_matches('"');
        Row::of(name) == Some(row)
    };
    let Some(last) = begins.iter().rposition(is_of_row) else {
        return fail(format!(
            "no part is {}, so there is no place for the new one",
            row.words()
        ));
    };
    let entry = format!("{OPENING}{entry}");
    let added = match begins.get(last + 1) {
        Some(at) => format!("{}{entry}\n{}", &table[..*at], &table[*at..]),
        None => format!("{}\n\n{entry}", table.trim_end()),
    };
    Table::read(&added).map(|_| added)
}

/// Adds a frontend to `deploy/discovery.json`.
pub fn add_frontend(document: &str, name: &str, entry: &str) -> Result<String> {
    const END: &str = "\n    ]\n  }\n}\n";
    let Some(before) = document.strip_suffix(END) else {
        return fail("its last lines are not indented by two spaces for each level");
    };
    let added = format!("{before}\n    ],\n    \"{name}\": [\n{entry}{END}");
    let parsed: Value = serde_json::from_str(&added).map_err(Error::of)?;
    if parsed["microFrontends"][name].is_array() {
        Ok(added)
    } else {
        fail("its last list is not a frontend")
    }
}

/// The first segments of the frontends' paths.
pub fn taken_addresses(document: &str) -> Result<Vec<String>> {
    let document: Value = serde_json::from_str(document).map_err(Error::of)?;
    let frontends = document["microFrontends"].as_object().into_iter().flatten();
    let versions = frontends.flat_map(|(_, versions)| versions.as_array().into_iter().flatten());
    let paths = versions.flat_map(|version| version["extras"]["paths"].as_array().into_iter().flatten());
    let paths = paths.filter_map(Value::as_str);
    Ok(paths
        .filter_map(|path| path.split('/').nth(1))
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# Parts.\n\n[[part]]\nname = \"catalog\"\nlisten = \"127.0.0.1:4101\"\npublic = \"127.0.0.1:4102\"\n\n\
        [[part]]\nname = \"explore-bff\"\nlisten = \"127.0.0.1:4201\"\n[part.env]\nSTOA_CATALOG_URL = \"http://127.0.0.1:4101\"\n\n\
        [[part]]\nname = \"shell\"\nlisten = \"127.0.0.1:4000\"\n";

    #[test]
    fn part_is_added_after_the_last_of_its_row() {
        let added = add_part(TABLE, Row::Service, "name = \"gifts\"\nlisten = \"127.0.0.1:4103\"\n").unwrap();
        let at = |name: &str| added.find(&format!("\n[[part]]\nname = \"{name}\"\n")).unwrap();
        assert!(
            at("catalog") < at("gifts") && at("gifts") < at("explore-bff"),
            "{added}"
        );
        assert_eq!(
            added.len() - TABLE.len(),
            "[[part]]\nname = \"gifts\"\nlisten = \"127.0.0.1:4103\"\n\n".len()
        );
        let missing = add_part(TABLE, Row::Frontend, "name = \"gifts-frontend\"\n").unwrap_err();
        assert!(missing.to_string().contains("no part is a frontend"), "{missing}");
    }

    #[test]
    fn free_port_is_the_first_that_no_table_names() {
        let tables = [TABLE.to_owned(), "listen = \"127.0.0.1:4103\"".to_owned()];
        assert_eq!(free_port(Row::Service, &tables).unwrap(), 4104);
        assert_eq!(free_port(Row::Bff, &tables).unwrap(), 4202);
        let full: Vec<_> = (4301..4400).map(|port| format!("http://127.0.0.1:{port}")).collect();
        assert!(free_port(Row::Frontend, &full).is_err());
    }

    #[test]
    fn table_tells_addresses_and_upstreams() {
        let table = Table::read(TABLE).unwrap();
        assert_eq!(table.listen("catalog"), Some("127.0.0.1:4101"));
        assert_eq!(table.upstreams("explore-bff"), ["catalog"]);
        assert_eq!((table.listen("gifts"), table.server("postgresql")), (None, None));
    }

    #[test]
    fn frontend_is_added_to_the_discovery_document() {
        let document = "{\n  \"microFrontends\": {\n    \"explore\": [\n      { \"extras\": { \"paths\": [\"/\", \"/search\", \"/orders/*\"] } }\n    ]\n  }\n}\n";
        let added = add_frontend(document, "gifts", "      { \"extras\": { \"paths\": [\"/gifts\"] } }").unwrap();
        assert_eq!(taken_addresses(&added).unwrap(), ["", "search", "orders", "gifts"]);
        assert!(add_frontend("{}", "gifts", "{}").is_err());
    }
}
