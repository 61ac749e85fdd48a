//! The parts of the shop, their addresses and their settings.

mod addresses;
mod overlay;
mod server;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use machine::{Error, Result, fail, files};
use serde::{Deserialize, Serialize};

use crate::ports;

pub use addresses::Addresses;
pub use overlay::Overlay;
pub use server::Server;

/// Endings of the names of a team's parts.
const SLICE: [&str; 2] = ["-frontend", "-bff"];

/// The setting for the address of a part's public endpoints.
const PUBLIC: &str = "STOA_PUBLIC_LISTEN";

/// Distance between the ports of two replicas.
const NEXT_REPLICA: u16 = 1000;

/// A table of `deploy/`.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub enum Table {
    /// One replica of each part, with its data in files.
    #[default]
    Local,
    /// Two replicas of each part, on database servers and a broker.
    Scale,
}

impl Table {
    /// The table for the flag `--scale`.
    #[must_use]
    pub fn new(scale: bool) -> Self {
        if scale { Self::Scale } else { Self::Local }
    }

    /// Its path from the root.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Local => "deploy/local.toml",
            Self::Scale => "deploy/scale.toml",
        }
    }
}

/// Environment variables by their names.
pub type Variables = BTreeMap<String, String>;

/// How a shop is opened.
#[derive(Clone, Debug, Default)]
pub struct Recipe {
    /// The table of its parts.
    pub table: Table,
    /// The overlay on that table.
    pub overlay: Option<Overlay>,
    /// Variables of the caller. For a part that lists one under `from_caller`, it replaces the table's value.
    pub caller: Variables,
}

/// The parts of a shop, and the servers that they need.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// How the shop is opened.
    #[serde(skip)]
    pub recipe: Recipe,
    #[serde(default)]
    server: Vec<Server>,
    part: Vec<Part>,
    /// The addresses of all replicas, by the address of their part.
    #[serde(skip)]
    replicas: Addresses,
    /// Further origins to which the forms of a frontend may lead, by the frontend's name.
    #[serde(skip)]
    form_actions: BTreeMap<String, Vec<String>>,
}

/// One process of the shop.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Name of the process: the package's, and for the replicas after the first `-2`, `-3`, ….
    pub name: String,
    /// Name of the package, and of its binary.
    #[serde(skip)]
    pub package: String,
    /// Number of replicas. After the table is read, each replica is an entry of its own.
    #[serde(default = "one")]
    replicas: u16,
    /// The address that it listens on.
    pub listen: SocketAddr,
    /// The address of its public endpoints, if they have one of their own: `STOA_PUBLIC_LISTEN`.
    #[serde(default)]
    public: Option<SocketAddr>,
    /// Its settings.
    #[serde(default)]
    pub env: Variables,
    /// Variables that the caller of `up` may set, by name or by prefix (`STOA_STRIPE_*`).
    #[serde(default)]
    from_caller: Vec<String>,
}

fn one() -> u16 {
    1
}

impl Part {
    /// Its base URL, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    fn takes_from_caller(&self, variable: &str) -> bool {
        let is_meant = |name: &String| match name.strip_suffix('*') {
            Some(beginning) => variable.starts_with(beginning),
            None => variable == name,
        };
        self.from_caller.iter().any(is_meant)
    }

    fn replica(&self, index: u16) -> Self {
        let mut replica = self.clone();
        if index > 0 {
            replica.name = format!("{}-{}", self.package, index + 1);
            replica.listen.set_port(self.listen.port() + index * NEXT_REPLICA);
        }
        if let Some(public) = &mut replica.public {
            public.set_port(public.port() + index * NEXT_REPLICA);
            replica.env.insert(PUBLIC.to_owned(), public.to_string());
        }
        replica
    }
}

/// The folders that settings name in braces, such as `{data}`.
pub struct Folders<'a> {
    /// The shop's folder.
    pub state: &'a Path,
    /// Where cargo puts what it builds.
    pub target: &'a Path,
}

impl Topology {
    /// Reads the table and its overlay.
    pub fn load(root: &Path, recipe: &Recipe) -> Result<Self> {
        let path = root.join(recipe.table.path());
        let mut topology: Self = toml::from_str(&files::read(&path)?).map_err(|error| Error::at(&path, error))?;
        topology.recipe = recipe.clone();
        topology.take_from_caller(&recipe.caller);
        if let Some(overlay) = recipe.overlay {
            let path = root.join(overlay.path());
            let laid = topology.lay_over(&files::read(&path)?);
            laid.map_err(|error| Error::at(&path, error))?;
        }
        Ok(topology.replicate())
    }

    fn take_from_caller(&mut self, caller: &Variables) {
        for part in &mut self.part {
            let taken = caller.iter().filter(|(name, _)| part.takes_from_caller(name));
            let taken: Vec<_> = taken.map(|(name, value)| (name.clone(), value.clone())).collect();
            part.env.extend(taken);
        }
    }

    /// Adds every replica to the parts, and its address to the settings of the parts that call it.
    fn replicate(mut self) -> Self {
        for mut part in std::mem::take(&mut self.part) {
            part.package.clone_from(&part.name);
            let count = std::mem::replace(&mut part.replicas, 1);
            let replicas: Vec<_> = (0..count).map(|index| part.replica(index)).collect();
            if replicas.len() > 1 {
                let urls: Vec<_> = replicas.iter().map(Part::url).collect();
                self.replicas.add(part.url(), urls.join(","));
            }
            self.part.extend(replicas);
        }
        for value in self.part.iter_mut().flat_map(|part| part.env.values_mut()) {
            *value = self.replicas.put_into(value);
        }
        self
    }

    /// All parts, in the order of the file.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.part
    }

    /// The servers, which are started before the parts.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.server
    }

    /// The name and address of every listener.
    pub fn listeners(&self) -> impl Iterator<Item = (String, SocketAddr)> {
        let servers = self
            .server
            .iter()
            .map(|server| (server.name.to_string(), server.listen));
        let parts = self.part.iter().flat_map(|part| {
            let public = part.public.map(|public| (format!("{}, public", part.name), public));
            [(part.name.clone(), part.listen)].into_iter().chain(public)
        });
        servers.chain(parts)
    }

    /// The discovery document with the addresses of all replicas, and all origins to which forms may lead.
    pub fn discovery(&self, document: &str) -> Result<String> {
        let document = self.replicas.put_into(document);
        if self.form_actions.is_empty() {
            return Ok(document);
        }
        overlay::add_form_actions(&document, &self.form_actions)
    }

    /// The packages of these parts.
    #[must_use]
    pub fn packages(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let meant = self.part.iter().filter(|part| names.contains(&part.name));
        meant.map(|part| part.package.clone()).collect()
    }

    /// Base URL of a part.
    pub fn url(&self, name: &str) -> Result<String> {
        self.part(name).map(Part::url)
    }

    /// Address of a part.
    pub fn listen(&self, name: &str) -> Result<SocketAddr> {
        self.part(name).map(|part| part.listen)
    }

    fn part(&self, name: &str) -> Result<&Part> {
        let part = self.part.iter().find(|part| part.name == name);
        part.ok_or_else(|| Error(format!("{} has no part {name}", self.tables())))
    }

    /// The parts of these teams, or these parts, with all replicas; all parts where the list is empty.
    pub fn choose(&self, asked: &[String]) -> Result<BTreeSet<String>> {
        if asked.is_empty() {
            return Ok(self.part.iter().map(|part| part.name.clone()).collect());
        }
        let mut chosen = BTreeSet::new();
        for name in asked {
            let slice = SLICE.map(|kind| format!("{name}{kind}"));
            let is_meant = |part: &&Part| part.name == *name || part.package == *name || slice.contains(&part.package);
            let meant: Vec<_> = self
                .part
                .iter()
                .filter(is_meant)
                .map(|part| part.name.clone())
                .collect();
            if meant.is_empty() {
                let parts: Vec<_> = self.part.iter().map(|part| part.name.as_str()).collect();
                return fail(format!(
                    "{} has no team or part {name}. Teams: {}; parts: {}",
                    self.tables(),
                    self.teams().join(", "),
                    parts.join(", ")
                ));
            }
            chosen.extend(meant);
        }
        Ok(chosen)
    }

    /// The paths of its tables, for people.
    #[must_use]
    pub fn tables(&self) -> String {
        let table = self.recipe.table.path();
        match self.recipe.overlay {
            Some(overlay) => format!("{table} with {}", overlay.path()),
            None => table.to_owned(),
        }
    }

    fn teams(&self) -> Vec<&str> {
        self.part
            .iter()
            .filter_map(|part| part.name.strip_suffix(SLICE[0]))
            .collect()
    }

    /// Gives a free port to every part and server that has none yet.
    pub fn take_free_ports(&self, addresses: &mut Addresses) -> Result<()> {
        // All are held until the last is found, so that no two are the same.
        let mut held = Vec::new();
        for (_, listen) in self.listeners() {
            let old = listen.to_string();
            if addresses.has(&old) {
                continue;
            }
            let (free, listener) = ports::hold(listen.ip())?;
            addresses.add(old, free.to_string());
            held.push(listener);
        }
        Ok(())
    }

    /// Replaces addresses everywhere.
    pub fn readdress(&mut self, addresses: &Addresses) -> Result<()> {
        let parts = self
            .part
            .iter_mut()
            .flat_map(|part| [&mut part.listen].into_iter().chain(&mut part.public));
        for listen in parts.chain(self.server.iter_mut().map(|server| &mut server.listen)) {
            let new = addresses.put_into(&listen.to_string());
            *listen = new.parse().map_err(|error| Error(format!("{new}: {error}")))?;
        }
        for value in self.part.iter_mut().flat_map(|part| part.env.values_mut()) {
            *value = addresses.put_into(value);
        }
        Ok(())
    }

    /// Changes the addresses at which parts call each other. The function gets the caller and the old address.
    pub fn reroute(&mut self, mut link: impl FnMut(&Part, SocketAddr) -> Result<SocketAddr>) -> Result<()> {
        for part in &mut self.part {
            let caller = part.clone();
            let urls = part.env.iter_mut().filter(|(name, _)| name.ends_with("_URL"));
            for (_, value) in urls.filter(|(_, value)| value.starts_with("http://")) {
                let mut routes = Vec::new();
                for url in value.split(',') {
                    let rest = url.trim_start_matches("http://");
                    let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                    let address = address.parse();
                    let address = address.map_err(|error| Error(format!("{}: {url}: {error}", caller.name)))?;
                    routes.push(format!("http://{}{path}", link(&caller, address)?));
                }
                *value = routes.join(",");
            }
        }
        Ok(())
    }

    /// Changes a setting of all parts of a package.
    pub fn set(&mut self, package: &str, name: &str, value: &str) {
        for part in self.part.iter_mut().filter(|part| part.package == package) {
            part.env.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Adds a part, or replaces the one of the same name.
    pub fn put(&mut self, part: Part) {
        match self.part.iter_mut().find(|known| known.name == part.name) {
            Some(known) => *known = part,
            None => self.part.push(part),
        }
    }

    /// Removes a part.
    pub fn remove(&mut self, name: &str) {
        self.part.retain(|part| part.name != name);
    }

    /// Replaces the words in braces by folders.
    pub fn settle(&mut self, folders: &Folders) {
        let data = folders.state.join("data");
        let words = [
            ("{state}", folders.state),
            ("{data}", &data),
            ("{target}", folders.target),
        ];
        for value in self.part.iter_mut().flat_map(|part| part.env.values_mut()) {
            for (word, folder) in words {
                *value = value.replace(word, &folder.to_string_lossy());
            }
        }
    }
}
