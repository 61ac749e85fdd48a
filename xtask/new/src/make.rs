//! A new part: files from templates, entries in tables, and snapshots that its own tests write.

use std::path::Path;
use std::process::Stdio;

use machine::{Error, Result, cargo, fail, files, run, step};

use crate::changes::Changes;
use crate::contract::{self, List, literal};
use crate::deploy;
use crate::name::Name;
use crate::tables::{DISCOVERY, SCALE, Tables};
use crate::templates::{BFF, FRONTEND, Filling, SERVICE, Template};

/// The rows of parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Row {
    Service,
    Bff,
    Frontend,
}

impl Row {
    /// The row of a part in the tables of `deploy/`; the shell is in none.
    pub fn of(part: &str) -> Option<Self> {
        match part {
            "shell" => None,
            _ if part.ends_with("-bff") => Some(Self::Bff),
            _ if part.ends_with("-frontend") => Some(Self::Frontend),
            _ => Some(Self::Service),
        }
    }

    /// The row of a part, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Service => "a service",
            Self::Bff => "a BFF",
            Self::Frontend => "a frontend",
        }
    }

    /// The row's ports follow this one.
    pub fn ports(self) -> u16 {
        match self {
            Self::Service => 4100,
            Self::Bff => 4200,
            Self::Frontend => 4300,
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Service => "services",
            Self::Bff => "bffs",
            Self::Frontend => "frontends",
        }
    }

    /// A name that no part of this row has.
    fn name(self, root: &Path, text: &str) -> Result<Name> {
        let name = Name::new(text)?;
        let folder = format!("{}/{}", self.folder(), name.kebab());
        if root.join(&folder).exists() {
            return fail(format!("{folder} already exists; nothing has been changed"));
        }
        Ok(name)
    }

    fn templates(self) -> &'static [Template] {
        match self {
            Self::Service => SERVICE,
            Self::Bff => BFF,
            Self::Frontend => FRONTEND,
        }
    }
}

/// One new part.
#[derive(Debug)]
pub struct Wanted {
    pub(crate) row: Row,
    pub(crate) name: Name,
    /// The names of its resource and of one item of it
    pub(crate) resource: Name,
    pub(crate) item: Name,
    pub(crate) port: u16,
    /// The values for the templates
    filling: Filling,
    /// Its settings in `deploy/local.toml` and `deploy/scale.toml`
    pub(crate) settings: [String; 2],
    /// The services behind a BFF or a frontend
    pub(crate) upstreams: Vec<String>,
}

impl Wanted {
    /// A service with a resource.
    pub fn service(root: &Path, name: &str, item: Option<&str>) -> Result<Self> {
        let name = Row::Service.name(root, name)?;
        let (resource, item) = match item {
            Some(item) => Name::new(item).map(|item| (item.plural(), item))?,
            None => match name.singular() {
                Some(item) => (name.clone(), item),
                None => {
                    return fail(format!(
                        "{0} is not a plural. Name one of its items: cargo xtask new service {0} --item <NAME>",
                        name.kebab()
                    ));
                }
            },
        };
        let (resource, item) = (Name::new(resource.kebab())?, Name::new(item.kebab())?);
        if item == name {
            return fail(format!(
                "{} cannot be both the service and one of its items",
                name.kebab()
            ));
        }
        let tables = Tables::read(root)?;
        let postgres = tables.scale.server("postgresql");
        let postgres = postgres.ok_or_else(|| Error(format!("{SCALE} has no server postgresql")))?;
        let local = format!("sqlite:{{data}}/{}.db", name.kebab());
        let scale = format!("postgres://stoa@{postgres}/{}?sslmode=disable", name.snake());
        let settings = [local, scale].map(|url| format!("STOA_DATABASE_URL = \"{url}\"\n"));
        let list = [resource, item];
        Self::new(root, &tables, Row::Service, name.clone(), list, settings, |filling| {
            filling.name("gift-registry", &name)
        })
    }

    /// A BFF that reads a list of a service.
    pub fn bff(root: &Path, name: &str, service: Option<&str>, resource: Option<&str>) -> Result<Self> {
        let name = Row::Bff.name(root, name)?;
        let service = Name::new(service.unwrap_or(name.kebab()))?;
        let part = format!("services/{}", service.kebab());
        let remedy = format!(
            "Make it: cargo xtask new service {}; or let the BFF call another one: cargo xtask new bff {} --service <NAME>",
            service.kebab(),
            name.kebab()
        );
        contract::check(root, &part, &remedy)?;
        let list = contract::find(root, &part, resource)?;
        let tables = Tables::read(root)?;
        let listen = tables.listen(service.kebab())?.to_owned();
        let setting = format!("STOA_{}_URL = \"http://{listen}\"\n", service.upper());
        let settings = [setting.clone(), setting];
        let names = [list.resource.clone(), list.item.clone()];
        let wanted = Self::new(root, &tables, Row::Bff, name, names, settings, |filling| {
            let filling = filling.name("gift-registry", &service).value("service_listen", listen);
            of_list(filling, &list)
        })?;
        let upstreams = vec![service.kebab().to_owned()];
        Ok(Self { upstreams, ..wanted })
    }

    /// A frontend that draws a list of its BFF.
    pub fn frontend(root: &Path, name: &str) -> Result<Self> {
        let name = Row::Frontend.name(root, name)?;
        let part = format!("bffs/{}", name.kebab());
        contract::check(
            root,
            &part,
            &format!("Make it first: cargo xtask new bff {}", name.kebab()),
        )?;
        let taken = deploy::taken_addresses(&files::read(&root.join(DISCOVERY))?)?;
        if taken.iter().any(|address| address == name.kebab()) {
            return fail(format!(
                "/{} belongs to another frontend: see {DISCOVERY}",
                name.kebab()
            ));
        }
        let list = contract::find(root, &part, None)?;
        let tables = Tables::read(root)?;
        let bff = format!("{}-bff", name.kebab());
        let listen = tables.listen(&bff)?.to_owned();
        let settings = format!(
            "STOA_BFF_URL = \"http://{listen}\"\nSTOA_ASSETS = \"{{target}}/frontends/{}\"\n",
            name.kebab()
        );
        let settings = [settings.clone(), settings];
        let upstreams = tables.local.upstreams(&bff).into_iter().map(str::to_owned).collect();
        let names = [list.resource.clone(), list.item.clone()];
        let wanted = Self::new(root, &tables, Row::Frontend, name, names, settings, |filling| {
            of_list(filling.value("bff_listen", listen), &list)
        })?;
        Ok(Self { upstreams, ..wanted })
    }

    fn new(
        root: &Path,
        tables: &Tables,
        row: Row,
        name: Name,
        [resource, item]: [Name; 2],
        settings: [String; 2],
        fill: impl FnOnce(Filling) -> Filling,
    ) -> Result<Self> {
        let port = deploy::free_port(row, &tables.texts)?;
        let filling = Filling::default()
            .name("wish-lists", &name)
            .value("port", port.to_string());
        let filling = filling.name("gift-cards", &resource).name("gift-card", &item);
        let wanted = Self {
            row,
            port,
            filling: fill(filling),
            settings,
            upstreams: Vec::new(),
            name,
            resource,
            item,
        };
        wanted.check(root)?;
        Ok(wanted)
    }

    /// A package from elsewhere with the same name would confuse cargo.
    fn check(&self, root: &Path) -> Result<()> {
        let package = self.package();
        let lock = files::read(&root.join("Cargo.lock"))?;
        if lock.lines().any(|line| line == format!("name = \"{package}\"")) {
            return fail(format!(
                "{package} is the name of a crate in Cargo.lock: choose another name"
            ));
        }
        Ok(())
    }

    fn folder(&self) -> String {
        format!("{}/{}", self.row.folder(), self.name.kebab())
    }

    /// The name of its package, of its program and of its entry in tables.
    pub(crate) fn package(&self) -> String {
        match self.row {
            Row::Service => self.name.kebab().to_owned(),
            Row::Bff => format!("{}-bff", self.name.kebab()),
            Row::Frontend => format!("{}-frontend", self.name.kebab()),
        }
    }

    /// Writes and tests the part, or changes nothing.
    pub fn make(&self, root: &Path) -> Result<()> {
        let folder = self.folder();
        step(&format!("writing {folder}"));
        // Signals are handled from the first command on: Ctrl-C then undoes the changes, too.
        run(cargo().args(["fmt", "--version"]).stdout(Stdio::null()))?;
        let mut changes = Changes::new(root);
        changes.create(&folder)?;
        for (path, text) in self.row.templates() {
            changes.write(&self.filling.fill(path), &self.filling.fill(text))?;
        }
        self.change_tables(root, &mut changes)?;
        // Cargo adds the new package.
        changes.remember("Cargo.lock")?;
        step("formatting, building and testing it: some minutes, if this is the first test on this machine");
        let tested = self.format(root).and_then(|()| self.test(root));
        if let Err(error) = tested {
            return fail(format!("{error}; nothing has been changed"));
        }
        let tables = changes.keep();
        self.report(root, &tables)
    }

    fn format(&self, root: &Path) -> Result<()> {
        run(cargo().current_dir(root).args(["fmt", "--package", &self.package()]))
    }

    /// The tests write the contract and the pages. The contract comes first, because other tests read it.
    fn test(&self, root: &Path) -> Result<()> {
        if self.row == Row::Frontend {
            let pages = root.join(self.folder()).join("tests/api/pages");
            std::fs::create_dir_all(&pages).map_err(|error| Error::at(&pages, error))?;
        } else {
            self.cargo_test(root, &["--test", "api", "contract_matches_the_code"])?;
        }
        self.cargo_test(root, &[])
    }

    fn cargo_test(&self, root: &Path, arguments: &[&str]) -> Result<()> {
        let mut command = cargo();
        command
            .current_dir(root)
            .env("UPDATE_EXPECT", "1")
            .args(["test", "--quiet", "--package", &self.package()]);
        run(command.args(arguments))
    }

    fn report(&self, root: &Path, tables: &[String]) -> Result<()> {
        let mut written = Vec::new();
        list_files(&root.join(self.folder()), &mut written)?;
        let count = written.len();
        eprintln!("\n    {}: {count} files, tested", self.folder());
        eprintln!("    changed: {}\n", tables.join(", "));
        eprintln!("    next:");
        for command in self.next() {
            eprintln!("    {command}");
        }
        Ok(())
    }

    fn next(&self) -> [String; 3] {
        let (name, package) = (self.name.kebab(), self.package());
        let list = format!("curl http://127.0.0.1:{}/{}", self.port, self.resource.kebab());
        let line = |command: String, purpose: String| format!("{command:<48} # {purpose}");
        let start = || line(format!("cargo run --bin {package}"), format!("then: {list}"));
        let check = line(
            "cargo xtask test fmt clippy unit".to_owned(),
            "all checks that take minutes".to_owned(),
        );
        let then = |kind: &str| {
            line(
                format!("cargo xtask new {kind} {name}"),
                "the next part of the slice".to_owned(),
            )
        };
        match self.row {
            Row::Service => [start(), then("bff"), check],
            Row::Bff => [start(), then("frontend"), check],
            Row::Frontend => [
                line(
                    "cargo xtask up".to_owned(),
                    format!("then open http://127.0.0.1:4000/{name}"),
                ),
                line(
                    format!("cargo xtask up --only {name}"),
                    "after a change, while the shop is open".to_owned(),
                ),
                check,
            ],
        }
    }
}

fn of_list(filling: Filling, list: &List) -> Filling {
    filling
        .value("slug", literal(&list.slug))
        .value("name", literal(&list.name))
        .value("summary", literal(&list.summary))
}

/// Every file below a folder.
pub(crate) fn list_files(folder: &Path, found: &mut Vec<String>) -> Result<()> {
    for entry in folder.read_dir().map_err(|error| Error::at(folder, error))? {
        let path = entry.map_err(|error| Error::at(folder, error))?.path();
        if path.is_dir() {
            list_files(&path, found)?;
        } else {
            found.push(path.display().to_string());
        }
    }
    Ok(())
}
