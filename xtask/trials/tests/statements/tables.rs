//! A service's tables as they are after a year, filled by what their columns are.

use std::fs;

use sqlx::{AssertSqlSafe, query_as};
use sqlx_postgres::PgPool;

use super::run;

/// Rows of what grows with the trade.
const LARGE: i64 = 100_000;
/// Rows of what staff writes by hand.
const SMALL: i64 = 50;
/// What staff writes by hand, and what has a row for each consumer.
const BY_HAND: [(&str, &str); 7] = [
    ("catalog", "categories"),
    ("catalog", "stories"),
    ("catalog", "shops"),
    ("pricing", "keys"),
    ("pricing", "signing_keys"),
    ("orders", "webhooks"),
    ("orders", "cursors"),
];

/// Makes and fills them.
pub async fn make(pool: &PgPool, service: &str) {
    let mut files: Vec<_> = fs::read_dir(testkit::repository(&format!("services/{service}/migrations")))
        .expect("migrations")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    for name in ["outbox", "inbox", "inbox-attempts"] {
        files.push(testkit::repository(&format!("platform/events/migrations/{name}.sql")));
    }
    for file in files {
        run(pool, fs::read_to_string(file).expect("a migration")).await;
    }
    let singles = singles(pool).await;
    loosen(pool).await;
    for table in tables(pool).await {
        let rows = match (singles.contains(&table), BY_HAND.contains(&(service, &*table))) {
            (true, _) => continue,
            (false, true) => SMALL,
            (false, false) => LARGE,
        };
        fill(pool, &table, rows).await;
    }
    run(pool, "analyze".to_owned()).await;
}

/// Tables that can have but one row. As in a shop, nobody has ever analysed them.
async fn singles(pool: &PgPool) -> Vec<String> {
    let sql = "select conrelid::regclass::text from pg_constraint
        where contype = 'c' and pg_get_constraintdef(oid) = 'CHECK ((id = 1))'";
    names(pool, sql).await
}

/// What is made up need not make sense.
async fn loosen(pool: &PgPool) {
    let sql = "select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
        where contype in ('c', 'f') and connamespace = 'public'::regnamespace order by contype desc";
    for sql in names(pool, sql).await {
        run(pool, sql).await;
    }
}

async fn tables(pool: &PgPool) -> Vec<String> {
    names(
        pool,
        "select tablename::text from pg_tables where schemaname = 'public'",
    )
    .await
}

/// Each row another one; of what may be missing or false, one in a thousand is missing or true.
async fn fill(pool: &PgPool, table: &str, rows: i64) {
    let sql = format!(
        "select column_name::text, data_type::text, is_nullable::text from information_schema.columns
        where table_schema = 'public' and table_name = '{table}' order by ordinal_position"
    );
    let columns: Vec<(String, String, String)> = query_as(AssertSqlSafe(sql)).fetch_all(pool).await.expect("columns");
    let value = |(name, kind, nullable): &(String, String, String)| {
        let value = match kind.as_str() {
            "uuid" => "gen_random_uuid()".to_owned(),
            "bigint" | "double precision" => "n".to_owned(),
            "boolean" => "n % 1000 = 0".to_owned(),
            "jsonb" => "'{}'::jsonb".to_owned(),
            "timestamp with time zone" => "now() - n * interval '1 second'".to_owned(),
            "text" => format!("'{name} ' || n"),
            other => panic!("{table}.{name}: what is a {other}?"),
        };
        match nullable.as_str() {
            "YES" => format!("case when n % 1000 = 1 then null else {value} end"),
            _ => value,
        }
    };
    let values: Vec<_> = columns.iter().map(value).collect();
    let names: Vec<_> = columns.iter().map(|(name, ..)| format!("\"{name}\"")).collect();
    let sql = format!(
        "insert into {table} ({}) select {} from generate_series(1, {rows}) as n",
        names.join(", "),
        values.join(", ")
    );
    run(pool, sql).await;
}

async fn names(pool: &PgPool, sql: &'static str) -> Vec<String> {
    let rows: Vec<(String,)> = query_as(sql).fetch_all(pool).await.expect("names");
    rows.into_iter().map(|(name,)| name).collect()
}
