//! The connection pools of both databases.

use std::fmt;
use std::fs::Permissions;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::{Connection, Transaction};
use sqlx_postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, Postgres};
use sqlx_sqlite::{
    Sqlite, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::Error;

const READERS: u32 = 4;
const CONNECTIONS: u32 = 8;
const TIMEOUT: Duration = Duration::from_secs(5);

/// Address of a service's database: `sqlite:<path>` or `postgres://…`.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(SqliteConnectOptions),
    /// A PostgreSQL server.
    Postgres(PgConnectOptions),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// The error does not quote the text, which may contain a password.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |error: Error| error.to_string();
        match text.split_once(':') {
            Some(("sqlite", _)) => text.parse().map(Self::Sqlite).map_err(wrong),
            Some(("postgres" | "postgresql", _)) => text.parse().map(Self::Postgres).map_err(wrong),
            _ => Err("neither sqlite:<path> nor postgres://…".to_owned()),
        }
    }
}

/// Does not show the password.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(options) => write!(formatter, "sqlite:{}", options.get_filename().display()),
            Self::Postgres(options) => write!(formatter, "postgres://{}:{}", options.get_host(), options.get_port()),
        }
    }
}

/// A value for one of the two databases, such as a pool or a connection.
#[derive(Debug)]
pub enum On<S, P> {
    /// For SQLite.
    Sqlite(S),
    /// For PostgreSQL.
    Postgres(P),
}

/// A service's database.
#[derive(Clone, Debug)]
pub enum Db {
    /// A SQLite file with several readers and one writer.
    Sqlite {
        /// Read-only connections
        read: SqlitePool,
        /// The only connection that can write
        write: SqlitePool,
    },
    /// A PostgreSQL server.
    Postgres(PgPool),
}

impl Db {
    /// Opens the database. A SQLite file and its folder are created if they do not exist.
    ///
    /// # Errors
    /// The folder cannot be created, or the database does not answer.
    pub async fn open(url: DatabaseUrl) -> Result<Self, Error> {
        match url {
            DatabaseUrl::Sqlite(options) => open_file(options).await,
            DatabaseUrl::Postgres(options) => {
                let pool = PgPoolOptions::new()
                    .max_connections(CONNECTIONS)
                    .acquire_timeout(TIMEOUT)
                    .after_connect(|connection, _| Box::pin(disable_jit(connection)));
                pool.connect_with(options).await.map(Self::Postgres)
            }
        }
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// There was no connection within five seconds.
    pub async fn begin(&self) -> Result<Tx, Error> {
        match self {
            Self::Sqlite { write, .. } => write.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite),
            Self::Postgres(pool) => pool.begin().await.map(Tx::Postgres),
        }
    }

    /// Checks that the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite { read, .. } => read.acquire().await?.ping().await,
            Self::Postgres(pool) => pool.acquire().await?.ping().await,
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn on(&self) -> On<&SqlitePool, &PgPool> {
        match self {
            Self::Sqlite { read, .. } => On::Sqlite(read),
            Self::Postgres(pool) => On::Postgres(pool),
        }
    }
}

/// Switches off PostgreSQL's JIT: our statements are short, so compiling one costs more than it saves, and the planner may
/// choose it after a wrong estimate of the number of rows. Other servers with PostgreSQL's protocol may not know the setting.
async fn disable_jit(connection: &mut PgConnection) -> Result<(), Error> {
    match sqlx::query("set jit = off").execute(connection).await {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) => {
            tracing::debug!(error = error.as_error(), "the server does not know the setting jit");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

async fn open_file(options: SqliteConnectOptions) -> Result<Db, Error> {
    if let Some(folder) = options
        .get_filename()
        .parent()
        .filter(|folder| *folder != Path::new(""))
    {
        std::fs::create_dir_all(folder)?;
    }
    restrict_permissions(options.get_filename())?;
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(TIMEOUT);
    let pool = |connections| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(TIMEOUT)
            // A file cannot disconnect, and a ping would cost as much as a small statement.
            .test_before_acquire(false)
    };
    let write = pool(1).connect_with(options.clone()).await?;
    let read = pool(READERS)
        .connect_with(options.read_only(true).create_if_missing(false))
        .await?;
    Ok(Db::Sqlite { read, write })
}

/// Makes the file readable by its owner alone. SQLite gives its journal files the same permissions.
fn restrict_permissions(file: &Path) -> Result<(), Error> {
    let mut create = std::fs::OpenOptions::new();
    create.write(true).create(true).truncate(false).mode(0o600);
    if file
        .to_str()
        .is_some_and(|name| name.starts_with(":memory:") || name.is_empty())
    {
        return Ok(());
    }
    let file = create.open(file)?;
    Ok(file.set_permissions(Permissions::from_mode(0o600))?)
}

/// A transaction. Dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub enum Tx {
    /// SQLite; it holds the write lock.
    Sqlite(Transaction<'static, Sqlite>),
    /// PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Commits, and returns once the commit is on disk.
    ///
    /// # Errors
    /// The database did not confirm the commit; its outcome is unknown.
    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }

    #[doc(hidden)]
    pub fn on(&mut self) -> On<&mut SqliteConnection, &mut PgConnection> {
        match self {
            Self::Sqlite(transaction) => On::Sqlite(transaction),
            Self::Postgres(transaction) => On::Postgres(transaction),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_not_shown() {
        let url: DatabaseUrl = "postgres://stoa:sesame@127.0.0.1:5432/things?sslmode=disable"
            .parse()
            .unwrap();
        assert_eq!(format!("{url:?}"), "postgres://127.0.0.1:5432");
        for wrong in [
            "postgres://stoa:sesame@127.0.0.1:x/things",
            "mysql://stoa:sesame@127.0.0.1/things",
            "stoa:sesame@127.0.0.1",
        ] {
            let error = wrong.parse::<DatabaseUrl>().unwrap_err();
            assert!(!error.contains("sesame"), "{error}");
        }
    }
}
