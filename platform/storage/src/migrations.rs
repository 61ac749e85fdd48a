//! Migrations: SQL files that are embedded in the binary and run at start, in one replica at a time.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::{Db, sqlx};

/// Lists a service's migrations in order: `migrations!["0001_products", other::MIGRATION, …]`. A name is a file in the
/// crate's `migrations/` folder; a migration of another crate is its constant, a pair of name and SQL. Migrations are
/// identified by their position: add new ones at the end only.
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

/// Runs all migrations that have not run yet.
///
/// # Errors
/// A migration fails, or one that has run already was changed since.
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
            // sqlx takes a lock while it migrates PostgreSQL, but not for SQLite.
            let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
            migrator.run_direct(None, &mut *tx, false).await?;
            Ok(tx.commit().await?)
        }
        Db::Postgres(pool) => migrator.run(pool).await,
    }
}
