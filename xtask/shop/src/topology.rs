//! Which parts the shop has, where each listens, and what each is told.

mod addresses;
mod overlay;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use machine::{Engine, Error, Result, fail, files};
use serde::{Deserialize, Deserializer, Serialize};

use crate::ports;

pub use addresses::Addresses;
pub use overlay::Overlay;

/// What the names of a team's parts end with.
const SLICE: [&str; 2] = ["-frontend", "-bff"];

/// The setting that tells a part where it serves strangers.
const PUBLIC: &str = "STOA_PUBLIC_LISTEN";

/// How far the port of a replica is from that of the one before it.
const NEXT_REPLICA: u16 = 1000;

/// Which table in `deploy/` a shop is made after.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub enum Table {
    /// Every part once, its data in files.
    #[default]
    Local,
    /// Two of each, on database servers and a broker.
    Scale,
}

impl Table {
    /// As the flag `--scale` says.
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

/// Variables by their names.
pub type Variables = BTreeMap<String, String>;

/// What a shop is made after.
#[derive(Clone, Debug, Default)]
pub struct Recipe {
    /// The table with its parts.
    pub table: Table,
    /// What is laid over that.
    pub overlay: Option<Overlay>,
    /// What whoever opens it has set: for parts that take it `from_caller`, this is said before what the table says.
    pub caller: Variables,
}

/// The parts of a shop, and the servers that these need.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// What it was made after.
    #[serde(skip)]
    pub recipe: Recipe,
    #[serde(default)]
    server: Vec<Server>,
    part: Vec<Part>,
    /// For the address of a part that has replicas, those of all.
    #[serde(skip)]
    replicas: Addresses,
    /// Origins that the forms of a frontend may lead to, beside those in the discovery document.
    #[serde(skip)]
    form_actions: BTreeMap<String, Vec<String>>,
}

/// A server that is not ours.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Which one.
    #[serde(deserialize_with = "engine")]
    pub name: Engine,
    /// Address that it serves.
    pub listen: SocketAddr,
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
    /// How many there are of it; one process each once the table is read.
    #[serde(default = "one")]
    replicas: u16,
    /// Address that it serves.
    pub listen: SocketAddr,
    /// Where it serves strangers, if it does so apart: told to it as `STOA_PUBLIC_LISTEN`.
    #[serde(default)]
    public: Option<SocketAddr>,
    /// Its settings.
    #[serde(default)]
    pub env: Variables,
    /// Names of variables, or what they begin with before a `*`, that the caller of `up` may set otherwise.
    #[serde(default)]
    from_caller: Vec<String>,
}

fn one() -> u16 {
    1
}

fn engine<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Engine, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(serde::de::Error::custom)
}

impl Part {
    /// Base URL, without a slash at its end.
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

/// Folders that settings name by a word in braces.
pub struct Folders<'a> {
    /// What this run of the shop keeps.
    pub state: &'a Path,
    /// Where cargo puts what it builds.
    pub target: &'a Path,
}

impl Topology {
    /// Reads the table, and what is laid over it.
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

    /// Puts every replica into the list of parts, and its address into the settings of others.
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

    /// The servers that must be there before any part.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.server
    }

    /// Every address, and who listens there.
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

    /// The discovery document with the addresses of all replicas, and all that forms may lead to.
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

    /// The names of the parts meant: a team's frontend and BFF, or one part, with all replicas; all where nothing is
    /// asked for.
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

    /// The paths of what it was read from, for people.
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

    /// Gives every part and server that has none yet a free port of its own.
    pub fn take_free_ports(&self, addresses: &mut Addresses) -> Result<()> {
        // All are held until the last is found, so that none is given twice.
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

    /// Puts the addresses that stand in for others everywhere.
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

    /// Lets parts call others at other addresses; says who calls which.
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

    /// Tells all parts of a package something else.
    pub fn set(&mut self, package: &str, name: &str, value: &str) {
        for part in self.part.iter_mut().filter(|part| part.package == package) {
            part.env.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Adds the part, in the place of the one with its name.
    pub fn put(&mut self, part: Part) {
        match self.part.iter_mut().find(|known| known.name == part.name) {
            Some(known) => *known = part,
            None => self.part.push(part),
        }
    }

    /// Forgets a part.
    pub fn remove(&mut self, name: &str) {
        self.part.retain(|part| part.name != name);
    }

    /// Puts real folders into the settings.
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
