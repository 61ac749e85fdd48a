//! Law 4: a service is the only one that opens its database.

use crate::Complaints;
use crate::deploy::tables;
use crate::package::{PARTS, row};
use crate::tree::Tree;

/// What opens data, or is a connection to it.
const OPENS: [&str; 11] = [
    "Db::open",
    "DatabaseUrl",
    "Database::create",
    "Database::open",
    "Database::builder",
    "ConnectionManager",
    "Client::open",
    "PgPool",
    "PgConnection",
    "SqlitePool",
    "SqliteConnection",
];

/// What an address of data begins with.
const SCHEMES: [&str; 6] = ["sqlite:", "postgres:", "postgresql:", "redb:", "redis:", "valkey:"];

fn only_a_service_opens_its_database(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for folder in PARTS {
        for (path, source) in tree.sources(folder) {
            let Some((_, inside)) = path.split_once("/src/") else {
                continue;
            };
            let is_its_place = inside == "lib.rs" || inside.split('/').any(|name| name.starts_with("store"));
            if row(path) == "services" && is_its_place {
                continue;
            }
            let tokens = source.shipped();
            let found = OPENS.iter().find(|mark| tokens.has(mark));
            complaints.extend(found.map(|mark| format!("{path}: {mark}: a service's lib.rs and store open its data")));
        }
    }
    complaints
}

fn no_two_parts_share_data(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for table in tables(tree) {
        let mut seen: Vec<(String, String)> = Vec::new();
        for part in &table.parts {
            for place in part.env.values().filter_map(|value| place(value)) {
                let other = seen.iter().find(|(_, known)| *known == place);
                complaints
                    .extend(other.map(|(other, _)| format!("{}: {} and {other} share {place}", table.path, part.name)));
                seen.push((part.name.clone(), place));
            }
        }
    }
    complaints
}

/// The same for what each part has where nothing is set.
fn no_two_parts_share_data_by_default(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    let mut seen: Vec<(String, String)> = Vec::new();
    for (path, source) in tree
        .sources("services")
        .filter(|(path, _)| path.ends_with("/src/lib.rs"))
    {
        for place in source.shipped().strings().filter_map(|text| place(&text)) {
            let other = seen.iter().find(|(_, known)| *known == place);
            complaints.extend(other.map(|(other, _)| format!("{path} and {other} share {place}")));
            seen.push((path.to_owned(), place));
        }
    }
    complaints
}

/// Where data is, without who asks for it and how: `postgres://stoa@host/catalog?sslmode=disable` is `host/catalog`.
fn place(value: &str) -> Option<String> {
    let scheme = SCHEMES.iter().find(|scheme| value.starts_with(**scheme))?;
    let rest = value[scheme.len()..].trim_start_matches('/');
    let rest = rest.split('?').next().unwrap_or_default();
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    (!place.is_empty()).then(|| place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn only_a_service_opens_its_database_here() {
        keeps(only_a_service_opens_its_database);
    }

    #[test]
    fn database_that_is_opened_elsewhere_is_found() {
        for (path, text) in [
            ("bffs/explore/src/lib.rs", "fn f(url: storage::DatabaseUrl) {}"),
            ("services/catalog/src/http.rs", "fn f() { Db::open(url); }"),
            (
                "services/cart/src/http/carts.rs",
                "fn f() { ::redb::Database::create(path); }",
            ),
            ("services/cart/src/domain.rs", "fn f() { redis::Client::open(url); }"),
        ] {
            finds(only_a_service_opens_its_database, &[(path, text)], path);
        }
    }

    #[test]
    fn no_two_parts_share_data_here() {
        keeps(no_two_parts_share_data);
        keeps(no_two_parts_share_data_by_default);
    }

    #[test]
    fn data_of_two_parts_is_found() {
        let part = |name: &str, url: &str| {
            format!("[[part]]\nname = \"{name}\"\nlisten = \"127.0.0.1:1\"\n[part.env]\nSTOA_X = \"{url}\"\n")
        };
        for (one, other) in [
            ("sqlite:{data}/a.db", "sqlite:{data}/a.db?mode=ro"),
            ("postgres://a@127.0.0.1:1/a?x=y", "postgres://b:c@127.0.0.1:1/a"),
            ("redis://127.0.0.1:1/0", "redis://127.0.0.1:1/0"),
        ] {
            let table = format!("{}{}", part("catalog", one), part("pricing", other));
            finds(
                no_two_parts_share_data,
                &[("deploy/local.toml", &table)],
                "pricing and catalog share",
            );
        }
        let texts = ["catalog", "pricing"].map(|name| format!("services/{name}/src/lib.rs"));
        let texts = [
            (&*texts[0], "const A: &str = \"sqlite:a.db\";"),
            (&*texts[1], "const B: &str = \"sqlite:a.db\";"),
        ];
        finds(no_two_parts_share_data_by_default, &texts, "share a.db");
    }
}
