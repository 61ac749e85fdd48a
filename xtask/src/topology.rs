//! Which parts the shop has, where each listens, and what each is told.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::files;

/// `deploy/local.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    part: Vec<Part>,
}

/// One process of the shop.
#[derive(Clone, Debug, Deserialize)]
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
        let part = self.part.iter().find(|part| part.name == name);
        part.map(Part::url)
            .ok_or_else(|| Error(format!("deploy/local.toml has no part {name}")))
    }

    /// Gives every part a free port of its own.
    pub fn take_free_ports(&mut self) -> Result<Addresses> {
        // All are held until the last is found, so that none is given twice.
        let mut held = Vec::new();
        let mut addresses = Vec::new();
        for part in &mut self.part {
            let listener = TcpListener::bind((part.listen.ip(), 0)).and_then(|l| Ok((l.local_addr()?, l)));
            let (free, listener) = listener.map_err(|error| Error(format!("no free port: {error}")))?;
            addresses.push((part.listen.to_string(), free.to_string()));
            part.listen = free;
            held.push(listener);
        }
        let addresses = Addresses(addresses);
        for value in self.part.iter_mut().flat_map(|part| part.env.values_mut()) {
            *value = addresses.put_into(value);
        }
        Ok(addresses)
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
        let addresses = topology.take_free_ports().unwrap();
        let catalog = topology.url("catalog").unwrap();
        assert_ne!(catalog, "http://127.0.0.1:4101");
        assert_eq!(topology.parts()[1].env["STOA_CATALOG_URL"], catalog);
        assert_eq!(addresses.put_into("http://127.0.0.1:4101"), catalog);
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
