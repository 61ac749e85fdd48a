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
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this")).join("../..")
}

fn of_this_repository(table: Table) -> Topology {
    made(table, None, &[])
}

fn made(table: Table, overlay: Option<Overlay>, caller: &[(&str, &str)]) -> Topology {
    let caller = caller
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let recipe = Recipe {
        table,
        overlay,
        caller: caller.collect(),
    };
    Topology::load(&root(), &recipe).unwrap()
}

/// With what is laid over it, each of the tables.
fn with_stripe_double(caller: &[(&str, &str)]) -> [Topology; 2] {
    [Table::Local, Table::Scale].map(|table| made(table, Some(Overlay::StripeDouble), caller))
}

fn env<'a>(topology: &'a Topology, part: &str) -> &'a Variables {
    &topology.part(part).unwrap().env
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
    let document = topology.discovery(r#""http://127.0.0.1:4101""#);
    assert_eq!(document.unwrap(), format!("\"{both}\""));

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
    let plain = [Table::Local, Table::Scale].map(of_this_repository);
    for topology in plain.into_iter().chain(with_stripe_double(&[])) {
        for (name, listen) in topology.listeners() {
            let same = topology
                .listeners()
                .filter(|other| other.0 == name || other.1 == listen);
            assert_eq!(same.count(), 1, "{name} in {}", topology.tables());
        }
        for name in ["explore", "product", "checkout"] {
            for kind in ["frontend", "bff"] {
                let url = topology.url(&format!("{name}-{kind}")).unwrap();
                assert!(discovery.contains(&url), "{name}-{kind} in {}", topology.tables());
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

#[test]
fn what_is_laid_over_adds_a_part_and_settings() {
    for (table, topology) in [Table::Local, Table::Scale].into_iter().zip(with_stripe_double(&[])) {
        let plain = of_this_repository(table);
        let is_new = |part: &&Part| plain.part(&part.name).is_err();
        let new: Vec<_> = topology.parts().iter().filter(is_new).collect();
        assert_eq!(
            new.iter().map(|part| &*part.name).collect::<Vec<_>>(),
            ["stripe-double"]
        );
        assert_eq!(new[0].package, "stripe-double");
        for part in plain.parts() {
            let laid = topology.part(&part.name).unwrap();
            if part.package != "payments" {
                assert_eq!(laid, part);
                continue;
            }
            // Each replica, with all else that it was told.
            let kept = Part {
                env: part.env.clone(),
                ..laid.clone()
            };
            assert_eq!(kept, *part);
            assert!(part.env.keys().all(|name| laid.env.contains_key(name)), "{}", part.name);
            assert_eq!(laid.env["STOA_PAYMENT_PROVIDERS"], "test,stripe,invoice");
            assert_eq!(laid.env["STOA_STRIPE_URL"], topology.url("stripe-double").unwrap());
            for secret in ["STOA_STRIPE_KEY", "STOA_STRIPE_WEBHOOK_SECRET"] {
                assert_eq!(laid.env[secret], new[0].env[secret]);
            }
        }
        assert!(topology.choose(&["stripe-double".to_owned()]).is_ok());
        assert!(plain.choose(&["stripe-double".to_owned()]).is_err());
    }
}

#[test]
fn forms_lead_to_the_double_where_there_is_one() {
    let document = files::read(&root().join("deploy/discovery.json")).unwrap();
    let actions = |document: &str| -> Vec<String> {
        let document: serde_json::Value = serde_json::from_str(document).unwrap();
        let actions = &document["microFrontends"]["checkout"][0]["extras"]["formActions"];
        serde_json::from_value(actions.clone()).unwrap()
    };
    let stripe = "https://checkout.stripe.com";
    for mut topology in with_stripe_double(&[]) {
        let with = topology.discovery(&document).unwrap();
        assert_eq!(actions(&with), [stripe, "http://127.0.0.1:4108"]);
        let mut addresses = Addresses::default();
        topology.take_free_ports(&mut addresses).unwrap();
        topology.readdress(&addresses).unwrap();
        let double = topology.url("stripe-double").unwrap();
        assert_ne!(double, "http://127.0.0.1:4108");
        assert_eq!(actions(&addresses.put_into(&with)), [stripe, &*double]);
    }
    let plain = of_this_repository(Table::Local);
    assert_eq!(plain.discovery(&document).unwrap(), document);
}

#[test]
fn an_overlay_changes_settings_and_nothing_else() {
    let lay = |text: &str| example().lay_over(text).map_err(|error| error.to_string());
    let known = "[[part]]\nname = \"catalog\"\n";
    assert_eq!(lay(&format!("{known}env = {{ A = \"a\" }}")), Ok(()));
    for (more, word) in [
        (
            "listen = \"127.0.0.1:1\"\nenv = {}",
            "part catalog: unknown field `listen`",
        ),
        ("replicas = 3\nenv = {}", "part catalog: unknown field `replicas`"),
        ("", "part catalog: missing field `env`"),
    ] {
        let said = lay(&format!("{known}{more}")).unwrap_err();
        assert!(said.contains(word), "{said}");
    }
    let said = lay("[[part]]\nname = \"new\"").unwrap_err();
    assert!(said.contains("part new: missing field `listen`"), "{said}");
    let mut topology = example();
    topology
        .lay_over("part = []\n[form_actions]\nnobody = [\"https://a.test\"]")
        .unwrap();
    let said = topology.discovery(r#"{"microFrontends":{}}"#).unwrap_err().to_string();
    assert!(said.contains("no frontend nobody"), "{said}");
}

#[test]
fn the_caller_is_heard_where_the_table_allows_it() {
    let caller = [
        ("STOA_PAYMENT_PROVIDERS", "stripe"),
        ("STOA_STRIPE_KEY", "sk_test_mine"),
        ("STOA_INVOICE_NAME", "Stoa"),
        ("STOA_DATABASE_URL", "sqlite:mine.db"),
    ];
    for table in [Table::Local, Table::Scale] {
        let (plain, topology) = (of_this_repository(table), made(table, None, &caller));
        for part in plain.parts() {
            let told = env(&topology, &part.name);
            if part.package != "payments" {
                assert_eq!(*told, part.env);
                continue;
            }
            assert_eq!(told["STOA_PAYMENT_PROVIDERS"], "stripe");
            assert_eq!(told["STOA_STRIPE_KEY"], "sk_test_mine");
            assert_eq!(told["STOA_INVOICE_NAME"], "Stoa");
            assert_eq!(told["STOA_DATABASE_URL"], part.env["STOA_DATABASE_URL"]);
        }
    }
}

/// Real keys are nothing for a double.
#[test]
fn what_is_laid_over_wins_over_the_caller() {
    let caller = [("STOA_STRIPE_KEY", "sk_live_mine"), ("STOA_INVOICE_NAME", "Stoa")];
    for topology in with_stripe_double(&caller) {
        let told = env(&topology, "payments");
        assert_eq!(told["STOA_STRIPE_KEY"], "sk_test_stoa");
        assert_eq!(told["STOA_INVOICE_NAME"], "Stoa");
    }
}

#[test]
fn other_addresses_keep_their_paths_and_browsers_their_own() {
    for mut topology in with_stripe_double(&[]) {
        let other: SocketAddr = "127.0.0.1:9".parse().unwrap();
        topology.reroute(|_, _| Ok(other)).unwrap();
        let told = env(&topology, "stripe-double");
        assert_eq!(told["STOA_WEBHOOK_URL"], "http://127.0.0.1:9/webhooks/stripe");
        assert_eq!(told["STOA_PUBLIC_URL"], "HTTP://127.0.0.1:4108");
        assert_eq!(env(&topology, "payments")["STOA_STRIPE_URL"], "http://127.0.0.1:9");
    }
}
