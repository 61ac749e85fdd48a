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
use std::path::PathBuf;

use sqlx::{AssertSqlSafe, raw_sql};
use sqlx_postgres::PgPool;
use storage::{Db, On};

use plan::{EXCEPTIONS, complaints, is_excepted};
use seen::{normal, sources, statements};

const SERVICES: [&str; 5] = ["catalog", "inventory", "orders", "payments", "pricing"];
/// Whose statements services run.
const SHARED: [&str; 2] = ["platform/events", "platform/storage"];

#[tokio::test]
#[ignore = "needs what other tests have run: cargo xtask test unit statements"]
async fn every_statement_has_a_good_plan() {
    let folder = std::env::var_os("STOA_TEST_STATEMENTS").expect("the folder that PostgreSQL wrote statements to");
    let folder = PathBuf::from(folder);
    let (mut wrong, mut used, mut all) = (Vec::new(), BTreeSet::new(), String::new());
    for service in SERVICES {
        let seen = statements(&folder, service);
        assert!(!seen.is_empty(), "no test of {service} ran on PostgreSQL");
        let pool = database().await;
        tables::make(&pool, service).await;
        for statement in &seen {
            for complaint in complaints(&pool, statement).await {
                if !is_excepted(statement, &mut used) {
                    wrong.push(format!("{service}: {complaint}\n    {statement}"));
                }
            }
        }
        let run = seen.into_iter().collect::<Vec<_>>().join("\n");
        wrong.extend(missing(&format!("services/{service}"), &run));
        all += &run;
    }
    wrong.extend(SHARED.iter().flat_map(|folder| missing(folder, &all)));
    let idle = EXCEPTIONS.iter().filter(|(text, _)| !used.contains(text));
    wrong.extend(idle.map(|(text, _)| format!("an exception that is none any longer: {text}")));
    assert!(wrong.is_empty(), "\n{}\n{} complaints", wrong.join("\n"), wrong.len());
}

fn missing(folder: &str, run: &str) -> Vec<String> {
    let missing = sources(folder).into_iter().filter(|text| !run.contains(text.as_str()));
    missing
        .map(|text| format!("{folder}: no test runs this on PostgreSQL\n    {text}"))
        .collect()
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

#[tokio::test]
async fn nothing_is_compiled() {
    for database in testkit::databases().await {
        let db = Db::open(database.url.clone()).await.unwrap();
        if let Db::Postgres(_) = db {
            let (jit,): (String,) = storage::fetch_one!(&db, "select current_setting('jit')").unwrap();
            assert_eq!(jit, "off");
        }
    }
}

#[test]
fn a_statement_is_the_same_on_one_line() {
    assert_eq!(normal(" select a,\n\t   b  from c "), "select a, b from c");
}
