//! Macros that run one statement on either database.

/// Runs a statement and returns the number of rows that it changed: `execute!(&mut tx, SQL, values…)`.
#[macro_export]
macro_rules! execute {
    ($on:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match ($on).on() {
            $crate::On::Sqlite(on) => $crate::sqlx::query($sql)$(.bind($value))*.execute(on).await.map(|done| done.rows_affected()),
            $crate::On::Postgres(on) => $crate::sqlx::query($sql)$(.bind($value))*.execute(on).await.map(|done| done.rows_affected()),
        }
    };
}

/// Fetches all rows: `fetch_all!(&db, SQL, values…)`.
#[macro_export]
macro_rules! fetch_all {
    ($on:expr, $sql:expr $(, $value:expr)* $(,)?) => { $crate::fetch!(fetch_all, $on, $sql $(, $value)*) };
}

/// Fetches exactly one row: `fetch_one!(&db, SQL, values…)`.
#[macro_export]
macro_rules! fetch_one {
    ($on:expr, $sql:expr $(, $value:expr)* $(,)?) => { $crate::fetch!(fetch_one, $on, $sql $(, $value)*) };
}

/// Fetches at most one row: `fetch_optional!(&db, SQL, values…)`.
#[macro_export]
macro_rules! fetch_optional {
    ($on:expr, $sql:expr $(, $value:expr)* $(,)?) => { $crate::fetch!(fetch_optional, $on, $sql $(, $value)*) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! fetch {
    ($how:ident, $on:expr, $sql:expr $(, $value:expr)*) => {
        match ($on).on() {
            $crate::On::Sqlite(on) => $crate::sqlx::query_as($sql)$(.bind($value))*.$how(on).await,
            $crate::On::Postgres(on) => $crate::sqlx::query_as($sql)$(.bind($value))*.$how(on).await,
        }
    };
}

/// Fetches the rows whose column is in a list: `fetch_in!(&db, "select … where key in", &keys)`.
/// The statement ends with `in`; the list is bound after the other values, if there are any:
/// `fetch_in!(&db, "… where due <= $1 and key in", &keys, now)`. SQLite has no arrays, so each item is a parameter.
#[macro_export]
macro_rules! fetch_in {
    ($on:expr, $sql:expr, $list:expr $(, $value:expr)* $(,)?) => {{
        const SQL: &str = $sql;
        let list = $list;
        if list.is_empty() {
            Ok(Vec::new())
        } else {
            let before = <[&str]>::len(&[$(stringify!($value)),*]);
            let places: Vec<String> = (1..=list.len()).map(|place| format!("${}", before + place)).collect();
            // Only placeholders are added to a constant.
            let sql = || $crate::sqlx::AssertSqlSafe(format!("{} ({})", SQL, places.join(", ")));
            match ($on).on() {
                $crate::On::Sqlite(on) => {
                    list.iter()
                        .fold($crate::sqlx::query_as(sql())$(.bind($value))*, |query, value| query.bind(value.as_str()))
                        .fetch_all(on)
                        .await
                }
                $crate::On::Postgres(on) => {
                    list.iter()
                        .fold($crate::sqlx::query_as(sql())$(.bind($value))*, |query, value| query.bind(value.as_str()))
                        .fetch_all(on)
                        .await
                }
            }
        }
    }};
}
