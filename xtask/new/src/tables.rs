//! The tables and documents that list parts.

use std::path::Path;

use machine::{Error, Result, files};

use crate::changes::Changes;
use crate::deploy::{self, Table};
use crate::docs::{first_cell, to_group, to_picture, to_section};
use crate::make::{Row, Wanted, list_files};

const LOCAL: &str = "deploy/local.toml";
/// The table with two replicas of each part.
pub const SCALE: &str = "deploy/scale.toml";
/// The discovery document.
pub const DISCOVERY: &str = "deploy/discovery.json";
const CONTRACT_TESTS: &str = "xtask/tools/schemathesis.toml";

impl Wanted {
    /// Adds the part to all tables.
    pub fn change_tables(&self, root: &Path, changes: &mut Changes) -> Result<()> {
        for (path, settings) in [LOCAL, SCALE].into_iter().zip(&self.settings) {
            let replicas = if path == SCALE { "replicas = 2\n" } else { "" };
            let entry = format!(
                "name = \"{}\"\n{replicas}listen = \"127.0.0.1:{}\"\n[part.env]\n{settings}",
                self.package(),
                self.port
            );
            changes.edit(path, |table| deploy::add_part(table, self.row, &entry))?;
        }
        let name = self.name.kebab();
        let (group, owns) = match self.row {
            Row::Service => ("services", self.resource.words()),
            Row::Bff => ("BFFs", "nothing".to_owned()),
            Row::Frontend => ("frontends", format!("`/{name}`")),
        };
        let row = format!("| | `{name}` | {owns} | {} |", self.port);
        changes.edit("ARCHITECTURE.md", |text| to_group(text, group, &row))?;
        match self.row {
            Row::Service => self.change_tables_of_services(root, changes),
            Row::Bff => self.expect(
                changes,
                "The cursor comes from the previous page and cannot be made up.",
                &format!("list{}", self.resource.camel()),
                &["2xx", "400"],
            ),
            Row::Frontend => self.change_tables_of_frontends(changes),
        }
    }

    fn change_tables_of_services(&self, root: &Path, changes: &mut Changes) -> Result<()> {
        let (name, words) = (self.name.kebab(), self.resource.words());
        let row = format!("| {name} | `{}` | until they are deleted | |", self.resource.snake());
        let is_of_service = |row: &str| root.join("services").join(first_cell(row)).is_dir();
        let is_like = |row: &str| !first_cell(row).is_empty() && is_of_service(row);
        changes.edit("docs/operating.md", |text| {
            to_section(text, "## What is kept", is_like, &row)
        })?;
        self.expect(
            changes,
            &format!(
                "The slug is the one in the path, and names of {words} are unique; texts have rules of their own."
            ),
            &format!("update{}", self.item.camel()),
            &["2xx", "404", "409", "422"],
        )
    }

    fn change_tables_of_frontends(&self, changes: &mut Changes) -> Result<()> {
        let name = self.name.kebab();
        let (bff, services) = (format!("bffs/{name}"), self.upstreams.join(", "));
        let row = format!("{:<18} ─▶ {bff:<13} ─▶ {services}", format!("frontends/{name}"));
        changes.edit("README.md", |text| to_picture(text, &row))?;
        changes.edit("docs/contracts.md", |text| {
            let is_like = |row: &str| !row.starts_with("| `/<") && !row.starts_with("| `/assets");
            let row = format!("| `/{name}?after=` | {name} |");
            let text = to_section(text, "## Addresses", is_like, &row)?;
            let row = format!("| `/{name}/fragments/teaser` | {name} | any page |");
            to_section(&text, "## Fragments", |_| true, &row)
        })?;
        let [url, api] = [self.port, self.bff_port()?].map(|port| format!("http://127.0.0.1:{port}"));
        let entry = format!(
            r#"      {{
        "url": "{url}",
        "metadata": {{
          "integrity": "unverified",
          "version": "0.1.0"
        }},
        "deployment": {{
          "traffic": 100,
          "default": true
        }},
        "extras": {{
          "paths": [
            "/{name}",
            "/{name}/*"
          ],
          "api": "{api}"
        }}
      }}"#
        );
        changes.edit(DISCOVERY, |text| deploy::add_frontend(text, name, &entry))
    }

    /// The port of its BFF, which it is told as `STOA_BFF_URL`.
    fn bff_port(&self) -> Result<u16> {
        let port = self.settings[0].lines().next().and_then(|line| line.rsplit(':').next());
        let port = port.and_then(|port| port.trim_end_matches('"').parse().ok());
        port.ok_or_else(|| Error("the BFF's address has no port".to_owned()))
    }

    /// Adds the statuses that the stage `contract` accepts for requests that match an operation's schema.
    fn expect(&self, changes: &mut Changes, why: &str, operation: &str, statuses: &[&str]) -> Result<()> {
        let statuses: Vec<_> = statuses.iter().map(|status| format!("\"{status}\"")).collect();
        let entry = format!(
            "\n[[project]]\ntitle = \"{}\"\n\n[[project.operations]]\n# {why}\ninclude-operation-id = [\"{operation}\"]\n\
             checks.positive_data_acceptance.expected-statuses = [{}]\n",
            self.package(),
            statuses.join(", ")
        );
        changes.edit(CONTRACT_TESTS, |text| Ok(format!("{}\n{entry}", text.trim_end())))
    }
}

/// The tables as they are.
pub struct Tables {
    pub local: Table,
    pub scale: Table,
    /// The texts of all tables
    pub texts: Vec<String>,
}

impl Tables {
    pub fn read(root: &Path) -> Result<Self> {
        let folder = root.join("deploy");
        let mut files = Vec::new();
        list_files(&folder, &mut files)?;
        let texts = files.iter().map(|path| files::read(Path::new(path)));
        let read = |path: &str| {
            Table::read(&files::read(&root.join(path))?).map_err(|error| Error(format!("{path}: {error}")))
        };
        Ok(Self {
            local: read(LOCAL)?,
            scale: read(SCALE)?,
            texts: texts.collect::<Result<_>>()?,
        })
    }

    /// Where a part listens.
    pub fn listen(&self, part: &str) -> Result<&str> {
        let listen = self.local.listen(part);
        listen.ok_or_else(|| Error(format!("{LOCAL} has no part {part}")))
    }
}
