//! Which parts the shop has, where each listens, and what each is told.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result, fail};
use crate::files;

/// What the names of a team's parts end with.
const SLICE: [&str; 2] = ["-frontend", "-bff"];

/// `deploy/local.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    part: Vec<Part>,
}

/// One process of the shop.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Name of the package, and of its binary.
    pub name: String,
    /// Address that it serves.
    pub listen: SocketAddr,
    /// Its settings.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

impl Part {
    /// Base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.listen)
    }
}

/// Folders that settings name by a word in braces.
pub struct Folders<'a> {
    /// What this run of the shop keeps.
    pub state: &'a Path,
    /// Where cargo puts what it builds.
    pub target: &'a Path,
}

/// Addresses that stand in for those of the topology.
#[derive(Debug, Default)]
pub struct Addresses(Vec<(String, String)>);

impl Addresses {
    /// The text with every address replaced.
    pub fn put_into(&self, text: &str) -> String {
        // In two steps: a new address may be another part's old one.
        let mut text = text.to_owned();
        for (index, (old, _)) in self.0.iter().enumerate() {
            text = text.replace(old, &format!("\0{index}\0"));
        }
        for (index, (_, new)) in self.0.iter().enumerate() {
            text = text.replace(&format!("\0{index}\0"), new);
        }
        text
    }
}

impl Topology {
    /// Reads `deploy/local.toml`.
    pub fn load(root: &Path) -> Result<Self> {
        let path = root.join("deploy/local.toml");
        toml::from_str(&files::read(&path)?).map_err(|error| Error::at(&path, error))
    }

    /// All parts, in the order of the file.
    pub fn parts(&self) -> &[Part] {
        &self.part
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
        part.ok_or_else(|| Error(format!("deploy/local.toml has no part {name}")))
    }

    /// The names of the parts meant: a team's frontend and BFF, or one part; all where nothing is asked for.
    pub fn choose(&self, asked: &[String]) -> Result<BTreeSet<String>> {
        let names = || self.part.iter().map(|part| part.name.clone());
        if asked.is_empty() {
            return Ok(names().collect());
        }
        let mut chosen = BTreeSet::new();
        for name in asked {
            let slice = SLICE.map(|kind| format!("{name}{kind}"));
            let meant: Vec<_> = names().filter(|part| part == name || slice.contains(part)).collect();
            if meant.is_empty() {
                let parts: Vec<_> = names().collect();
                return fail(format!(
                    "deploy/local.toml has no team or part {name}. Teams: {}; parts: {}",
                    self.teams().join(", "),
                    parts.join(", ")
                ));
            }
            chosen.extend(meant);
        }
        Ok(chosen)
    }

    fn teams(&self) -> Vec<&str> {
        self.part
            .iter()
            .filter_map(|part| part.name.strip_suffix(SLICE[0]))
            .collect()
    }

    /// Gives every part that has none yet a free port of its own.
    pub fn take_free_ports(&self, addresses: &mut Addresses) -> Result<()> {
        // All are held until the last is found, so that none is given twice.
        let mut held = Vec::new();
        for part in &self.part {
            let old = part.listen.to_string();
            if addresses.0.iter().any(|(known, _)| *known == old) {
                continue;
            }
            let listener = TcpListener::bind((part.listen.ip(), 0)).and_then(|l| Ok((l.local_addr()?, l)));
            let (free, listener) = listener.map_err(|error| Error(format!("no free port: {error}")))?;
            addresses.0.push((old, free.to_string()));
            held.push(listener);
        }
        Ok(())
    }

    /// Puts the addresses that stand in for others everywhere.
    pub fn readdress(&mut self, addresses: &Addresses) -> Result<()> {
        for part in &mut self.part {
            let listen = addresses.put_into(&part.listen.to_string());
            part.listen = listen
                .parse()
                .map_err(|error| Error(format!("{}: {listen}: {error}", part.name)))?;
        }
        for value in self.part.iter_mut().flat_map(|part| part.env.values_mut()) {
            *value = addresses.put_into(value);
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Topology {
        let text = r#"
            [[part]]
            name = "catalog"
            listen = "127.0.0.1:4101"
            env = { STOA_DATABASE_URL = "sqlite:{data}/catalog.db" }
            [[part]]
            name = "explore-bff"
            listen = "127.0.0.1:4201"
            env = { STOA_CATALOG_URL = "http://127.0.0.1:4101" }
        "#;
        toml::from_str(text).unwrap()
    }

    #[test]
    fn free_ports_reach_the_settings_of_others() {
        let mut topology = example();
        let mut addresses = Addresses::default();
        topology.take_free_ports(&mut addresses).unwrap();
        topology.readdress(&addresses).unwrap();
        let catalog = topology.url("catalog").unwrap();
        assert_ne!(catalog, "http://127.0.0.1:4101");
        assert_eq!(topology.parts()[1].env["STOA_CATALOG_URL"], catalog);
        assert_eq!(addresses.put_into("http://127.0.0.1:4101"), catalog);
    }

    #[test]
    fn a_port_once_given_stays() {
        let mut addresses = Addresses::default();
        example().take_free_ports(&mut addresses).unwrap();
        let before = addresses.put_into("127.0.0.1:4101");
        example().take_free_ports(&mut addresses).unwrap();
        assert_eq!(addresses.put_into("127.0.0.1:4101"), before);
        assert_eq!(addresses.0.len(), 2);
    }

    #[test]
    fn a_team_is_its_frontend_and_its_bff() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let topology = Topology::load(&root).unwrap();
        let choose = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            topology
                .choose(&names)
                .map(|chosen| chosen.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(choose(&["checkout"]).unwrap(), ["checkout-bff", "checkout-frontend"]);
        assert_eq!(choose(&["cart", "shell"]).unwrap(), ["cart", "shell"]);
        assert_eq!(choose(&["checkout-bff"]).unwrap(), ["checkout-bff"]);
        assert_eq!(choose(&[]).unwrap().len(), topology.parts().len());
        let words = choose(&["chekout"]).unwrap_err().to_string();
        assert!(words.contains("Teams: explore, product, checkout"), "{words}");
    }

    #[test]
    fn an_address_is_replaced_once() {
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        let addresses = Addresses(vec![pair("a:1", "a:2"), pair("a:2", "a:3")]);
        assert_eq!(addresses.put_into("a:1 a:2"), "a:2 a:3");
    }

    #[test]
    fn words_become_folders() {
        let mut topology = example();
        topology.settle(&Folders {
            state: Path::new("/s"),
            target: Path::new("/t"),
        });
        assert_eq!(
            topology.parts()[0].env["STOA_DATABASE_URL"],
            "sqlite:/s/data/catalog.db"
        );
    }

    #[test]
    fn the_shop_of_this_repository_is_sound() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let topology = Topology::load(&root).unwrap();
        let discovery = files::read(&root.join("deploy/discovery.json")).unwrap();
        for part in topology.parts() {
            let same = topology
                .parts()
                .iter()
                .filter(|other| other.listen == part.listen || other.name == part.name);
            assert_eq!(same.count(), 1, "{}", part.name);
        }
        for name in ["explore", "product", "checkout"] {
            for kind in ["frontend", "bff"] {
                assert!(
                    discovery.contains(&topology.url(&format!("{name}-{kind}")).unwrap()),
                    "{name}-{kind}"
                );
            }
        }
    }
}
