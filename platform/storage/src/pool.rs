//! The two pools behind one name.

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
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a service's data is: `sqlite:<path>` or `postgres://…`.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(SqliteConnectOptions),
    /// A server.
    Postgres(PgConnectOptions),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// An error does not quote the text: there may be a password in it.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |error: Error| error.to_string();
        match text.split_once(':') {
            Some(("sqlite", _)) => text.parse().map(Self::Sqlite).map_err(wrong),
            Some(("postgres" | "postgresql", _)) => text.parse().map(Self::Postgres).map_err(wrong),
            _ => Err("neither sqlite:<path> nor postgres://…".to_owned()),
        }
    }
}

/// Without the password.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(options) => write!(formatter, "sqlite:{}", options.get_filename().display()),
            Self::Postgres(options) => write!(formatter, "postgres://{}:{}", options.get_host(), options.get_port()),
        }
    }
}

/// Something for either database: a pool, a connection.
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
    /// A file with many readers and one writer.
    Sqlite {
        /// Connections that cannot write
        read: SqlitePool,
        /// The one connection that can
        write: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

impl Db {
    /// Opens the database; a SQLite file and its folder are created.
    ///
    /// # Errors
    /// The folder cannot be made, or the database does not answer.
    pub async fn open(url: DatabaseUrl) -> Result<Self, Error> {
        match url {
            DatabaseUrl::Sqlite(options) => open_file(options).await,
            DatabaseUrl::Postgres(options) => {
                let pool = PgPoolOptions::new()
                    .max_connections(CONNECTIONS)
                    .acquire_timeout(PATIENCE)
                    .after_connect(|connection, _| Box::pin(settle(connection)));
                pool.connect_with(options).await.map(Self::Postgres)
            }
        }
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// No connection in time.
    pub async fn begin(&self) -> Result<Tx, Error> {
        match self {
            Self::Sqlite { write, .. } => write.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite),
            Self::Postgres(pool) => pool.begin().await.map(Tx::Postgres),
        }
    }

    /// Whether the database answers.
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

/// All our statements are short: compiling one would cost more than it ever saves, and is never worth a wrong guess of
/// how many rows there are. An engine that only speaks PostgreSQL's language may not know the word.
async fn settle(connection: &mut PgConnection) -> Result<(), Error> {
    match sqlx::query("set jit = off").execute(connection).await {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) => {
            tracing::debug!(error = error.as_error(), "the server compiles statements as it likes");
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
    keep_private(options.get_filename())?;
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE);
    let pool = |connections| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            // A file does not hang up; asking would cost as much as a small statement.
            .test_before_acquire(false)
    };
    let write = pool(1).connect_with(options.clone()).await?;
    let read = pool(READERS)
        .connect_with(options.read_only(true).create_if_missing(false))
        .await?;
    Ok(Db::Sqlite { read, write })
}

/// Nobody else on the machine reads what is in the file, made now or before. SQLite gives the files beside it the same
/// permissions.
fn keep_private(file: &Path) -> Result<(), Error> {
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

/// A transaction. Dropped without [`Tx::commit`] it is rolled back.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite, holding the write lock.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes it so, durably.
    ///
    /// # Errors
    /// The database did not confirm; the outcome is unknown.
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
