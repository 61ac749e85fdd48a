use std::path::PathBuf;

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

/// Where the test runs, not where it was built: copies of the repository may share a target folder.
fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this")).join("..")
}

fn of_this_repository(table: Table) -> Topology {
    Topology::load(&root(), table).unwrap()
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
}

#[test]
fn a_team_is_its_frontend_and_its_bff() {
    let topology = of_this_repository(Table::Local);
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
fn replicas_are_parts_that_others_know_of() {
    let text = r#"
        [[part]]
        name = "catalog"
        replicas = 2
        listen = "127.0.0.1:4101"
        [[part]]
        name = "explore-bff"
        replicas = 2
        listen = "127.0.0.1:4201"
        env = { STOA_CATALOG_URL = "http://127.0.0.1:4101" }
    "#;
    let mut topology: Topology = toml::from_str(text).map(Topology::replicate).unwrap();
    let names = topology.parts().iter().map(|part| part.name.as_str());
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["catalog", "catalog-2", "explore-bff", "explore-bff-2"]
    );
    let both = "http://127.0.0.1:4101,http://127.0.0.1:5101";
    assert_eq!(topology.parts()[3].env["STOA_CATALOG_URL"], both);
    assert_eq!(topology.discovery(r#""http://127.0.0.1:4101""#), format!("\"{both}\""));

    let chosen = topology.choose(&["explore".to_owned()]).unwrap();
    assert_eq!(chosen.iter().collect::<Vec<_>>(), ["explore-bff", "explore-bff-2"]);
    assert_eq!(
        topology.packages(&chosen).into_iter().collect::<Vec<_>>(),
        ["explore-bff"]
    );
    assert_eq!(topology.choose(&["catalog-2".to_owned()]).unwrap().len(), 1);

    let mut addresses = Addresses::default();
    topology.take_free_ports(&mut addresses).unwrap();
    topology.readdress(&addresses).unwrap();
    let urls: Vec<_> = topology.parts()[..2].iter().map(Part::url).collect();
    assert_eq!(topology.parts()[2].env["STOA_CATALOG_URL"], urls.join(","));
}

#[test]
fn the_shops_of_this_repository_are_sound() {
    let discovery = files::read(&root().join("deploy/discovery.json")).unwrap();
    for table in [Table::Local, Table::Scale] {
        let topology = of_this_repository(table);
        for (name, listen) in topology.listeners() {
            let same = topology
                .listeners()
                .filter(|other| other.0 == name || other.1 == listen);
            assert_eq!(same.count(), 1, "{name} in {}", table.path());
        }
        for name in ["explore", "product", "checkout"] {
            for kind in ["frontend", "bff"] {
                let url = topology.url(&format!("{name}-{kind}")).unwrap();
                assert!(discovery.contains(&url), "{name}-{kind} in {}", table.path());
            }
        }
    }
}

#[test]
fn both_tables_have_the_same_parts() {
    let parts = |table| -> BTreeMap<String, SocketAddr> {
        let topology = of_this_repository(table);
        let firsts = topology.parts().iter().filter(|part| part.name == part.package);
        firsts.map(|part| (part.name.clone(), part.listen)).collect()
    };
    assert_eq!(parts(Table::Local), parts(Table::Scale));
}

#[test]
fn at_scale_nothing_is_kept_in_files() {
    let topology = of_this_repository(Table::Scale);
    assert_eq!(topology.servers().len(), 3);
    for part in topology.parts().iter().filter(|part| part.package != "shell") {
        let count = topology
            .parts()
            .iter()
            .filter(|other| other.package == part.package)
            .count();
        assert_eq!(count, 2, "{}", part.name);
        for value in part.env.values() {
            assert!(!value.contains("{data}"), "{}: {value}", part.name);
        }
    }
}
