//! Migrations: SQL files, embedded in the binary, run at start, one replica at a time.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::{Db, sqlx};

/// Lists a service's migrations in order: `migrations!["0001_products", other::MIGRATION, …]`. A name is a file in the
/// crate's `migrations/` folder; what another crate needs comes as its constant, a pair of name and SQL.
/// What is in the list keeps its place: new ones are added at the end.
#[macro_export]
macro_rules! migrations {
    (@list [$($done:tt)*]) => { &[$($done)*] };
    (@list [$($done:tt)*] $name:literal $(, $($rest:tt)*)?) => {
        $crate::migrations!(@list [$($done)*
            ($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name, ".sql"))),
        ] $($($rest)*)?)
    };
    (@list [$($done:tt)*] $migration:path $(, $($rest:tt)*)?) => {
        $crate::migrations!(@list [$($done)* $migration,] $($($rest)*)?)
    };
    ($($migration:tt)+) => { $crate::migrations!(@list [] $($migration)+) };
}

/// Brings the database up to date.
///
/// # Errors
/// A migration fails, or one that ran already has changed since.
pub async fn migrate(db: &Db, migrations: &[(&'static str, &'static str)]) -> Result<(), MigrateError> {
    let migrations = migrations.iter().zip(1..).map(|(&(name, sql), version)| {
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sqlx::SqlSafeStr::into_sql_str(sql),
            false,
        )
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    match db {
        Db::Sqlite { write, .. } => {
            // sqlx locks PostgreSQL while it migrates, but not SQLite.
            let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
            migrator.run_direct(None, &mut *tx, false).await?;
            Ok(tx.commit().await?)
        }
        Db::Postgres(pool) => migrator.run(pool).await,
    }
}
