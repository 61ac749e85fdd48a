//! Whether PostgreSQL has a good way to do each statement of each service on tables of a size that a shop has after a
//! year: by an index, and at a price at which nothing is worth compiling.
//!
//! The statements are those that the tests of all services have run: PostgreSQL itself wrote them down
//! (`STOA_TEST_STATEMENTS`, see testkit). What the sources hold and no test has run is a complaint, too, so nothing
//! escapes. Run by `cargo xtask test unit statements`.

#[path = "statements/plan.rs"]
mod plan;
#[path = "statements/seen.rs"]
mod seen;
#[path = "statements/tables.rs"]
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use sqlx::{AssertSqlSafe, raw_sql};
use sqlx_postgres::PgPool;
use storage::{Db, On};

use plan::{EXCEPTIONS, complaints, is_excepted};
use seen::{normal, one_list, sources, statements};

/// The packages that all services share, and the service in whose database their statements are checked.
const SHARED: [(&str, &str); 2] = [("platform/events", "orders"), ("platform/storage", "orders")];

/// The packages with statements, and the service in whose database each is checked: every service that has migrations.
fn packages() -> Vec<(String, String)> {
    let services = fs::read_dir(testkit::repository("services")).expect("services");
    let services = services
        .flatten()
        .filter(|entry| entry.path().join("migrations").is_dir());
    let mut services: Vec<_> = services
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    services.sort();
    assert!(services.len() >= 5, "{services:?}");
    let own = services.into_iter().map(|name| (format!("services/{name}"), name));
    let shared = SHARED.map(|(package, service)| (package.to_owned(), service.to_owned()));
    own.chain(shared).collect()
}

#[tokio::test]
#[ignore = "needs what other tests have run: cargo xtask test unit statements"]
async fn every_statement_has_a_good_plan() {
    let folder = std::env::var_os("STOA_TEST_STATEMENTS").expect("the folder that PostgreSQL wrote statements to");
    let folder = PathBuf::from(folder);
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for (package, service) in packages() {
        let name = package.rsplit('/').next().unwrap_or(&package);
        let (seen, sources) = (statements(&folder, name), sources(&package));
        assert!(!seen.is_empty(), "no test of {package} ran on PostgreSQL");
        for text in &sources.ours {
            let is_run = seen.iter().any(|run| run.contains(text));
            if !is_run && !is_excepted(text, &mut used) {
                wrong.push(format!("{package}: no test runs this on PostgreSQL\n    {text}"));
            }
        }
        let pool = database().await;
        tables::make(&pool, &service).await;
        for statement in seen.difference(&sources.tests) {
            for complaint in complaints(&pool, statement).await {
                if !is_excepted(statement, &mut used) {
                    wrong.push(format!("{package}: {complaint}\n    {statement}"));
                }
            }
        }
    }
    let idle = EXCEPTIONS.iter().filter(|(text, _)| !used.contains(text));
    wrong.extend(idle.map(|(text, _)| format!("an exception that is none any longer: {text}")));
    assert!(wrong.is_empty(), "\n{}\n{} complaints", wrong.join("\n"), wrong.len());
}

async fn database() -> PgPool {
    let databases = testkit::databases().await;
    for database in &databases {
        let db = Db::open(database.url.clone()).await.expect("a database");
        if let On::Postgres(pool) = db.on() {
            return pool.clone();
        }
    }
    panic!("PostgreSQL is not installed: apt-get install postgresql")
}

async fn run(pool: &PgPool, sql: String) {
    let outcome = raw_sql(AssertSqlSafe(sql.clone())).execute(pool).await;
    outcome.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[test]
fn a_statement_is_the_same_on_one_line() {
    assert_eq!(normal(" select a,\n\t   b  from c "), "select a, b from c");
}

#[test]
fn a_list_of_parameters_is_the_same_at_any_length() {
    assert_eq!(
        one_list("select a from b where c in ($1, $2)"),
        "select a from b where c in ($1)"
    );
    assert_eq!(
        one_list("select a from b where c in ($1, '')"),
        "select a from b where c in ($1, '')"
    );
}
