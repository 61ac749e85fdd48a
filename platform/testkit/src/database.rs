//! A database of its own for every test: on SQLite always, on PostgreSQL wherever its programs are found.

use tempfile::TempDir;

use storage::sqlx::{AssertSqlSafe, query, query_scalar};
use storage::{DatabaseUrl, Db, On};

use crate::postgres::{Postgres, server};

/// Databases on PostgreSQL begin with this, then have the package, the process id of their test and a random part.
const PREFIX: &str = "test";

/// A fresh, empty database.
#[derive(Debug)]
pub struct Database {
    /// Its address.
    pub url: DatabaseUrl,
    _folder: Option<TempDir>,
}

/// One fresh database on every engine there is.
///
/// # Panics
/// A database cannot be created.
pub async fn databases() -> Vec<Database> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut databases = vec![Database {
        url: url.parse().expect("an address"),
        _folder: Some(folder),
    }];
    let server = tokio::task::spawn_blocking(server).await.expect("the server starts");
    if let Some(server) = server {
        databases.push(Database {
            url: create(server).await,
            _folder: None,
        });
    }
    databases
}

async fn create(server: &Postgres) -> DatabaseUrl {
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default().replace('-', "_");
    let random = uuid::Uuid::new_v4().simple();
    let name = format!("{PREFIX}_{package}_{}_{random}", std::process::id());
    let admin = Db::open(url(server, "postgres")).await.expect("the server answers");
    if let On::Postgres(pool) = admin.on() {
        let sql = AssertSqlSafe(format!("create database {name}"));
        query(sql).execute(pool).await.expect("a new database");
        // Databases of tests that have ended. Another test may drop them at the same time, so errors are ignored.
        let like = format!("{PREFIX}\\_%");
        let names = query_scalar::<_, String>("select datname from pg_database where datname like $1").bind(like);
        for name in names.fetch_all(pool).await.expect("the server answers") {
            if is_left_behind(&name) {
                let sql = AssertSqlSafe(format!("drop database if exists {name} with (force)"));
                query(sql).execute(pool).await.ok();
            }
        }
        pool.close().await;
    }
    url(server, &name)
}

fn url(server: &Postgres, database: &str) -> DatabaseUrl {
    let url = format!("postgres://stoa@127.0.0.1:{}/{database}?sslmode=disable", server.port);
    url.parse().expect("an address")
}

/// Whether the test of this database has ended.
fn is_left_behind(name: &str) -> bool {
    let mut words = name.rsplit('_').skip(1);
    let process = words.next().and_then(|word| word.parse::<u32>().ok());
    process.is_some_and(|process| !std::path::Path::new(&format!("/proc/{process}")).exists())
}
