//! PostgreSQL's plan of a statement, and what is wrong with it.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Row, raw_sql};
use sqlx_postgres::PgPool;

/// Rows that may be read one after the other.
const FEW: f64 = 1000.0;
/// Above this PostgreSQL compiles, where it is let (`jit_above_cost`).
const DEAR: f64 = 100_000.0;

/// What is not as it should be on purpose: a part of a statement, and why that is all right.
pub const EXCEPTIONS: [(&str, &str); 4] = [
    (
        "insert into products (slug, name, summary, description, category, maker,",
        "a test of migrations writes a row as a former version did",
    ),
    (
        "with page as ( select sku, on_hand, reserved from stock",
        "an audit that an operator asks for; it reads what is held at the moment, which is never much",
    ),
    (
        " from products where $10 is null and",
        "a search for parts of words looks at what every product is found by: 40 ms for 100,000 of them; without words \
        PostgreSQL has another plan, by the order's index",
    ),
    (
        "update outbox_relay set leased_until = null where fence = $1",
        "no test runs it, since a process does as it ends; the table has one row",
    ),
];

/// Where it has to be told more than that something is a text: how a statement begins, and its types, again and again.
const TYPES: [(&str, &str); 1] = [(
    "insert into outbox (id, turn, event, created_at) select column1",
    "uuid, bigint, jsonb, timestamptz",
)];

/// Whether a statement is an exception, which is then used.
pub fn is_excepted(statement: &str, used: &mut BTreeSet<&'static str>) -> bool {
    let exception = EXCEPTIONS.iter().find(|(text, _)| statement.contains(text));
    exception.is_some_and(|(text, _)| {
        used.insert(text);
        true
    })
}

/// Everything that is wrong with its plan for whatever values.
pub async fn complaints(pool: &PgPool, statement: &str) -> Vec<String> {
    let plan = match explain(pool, statement).await {
        Ok(plan) => plan,
        Err(error) => return vec![format!("it cannot be explained: {error}")],
    };
    let mut found = Vec::new();
    let cost = plan["Total Cost"].as_f64().unwrap_or_default();
    if cost > DEAR {
        found.push(format!("it would be compiled, at a cost of {cost}"));
    }
    look(&plan, &mut found);
    found
}

/// The plan for values that are not known yet, as each statement of ours has it after a few times.
async fn explain(pool: &PgPool, statement: &str) -> Result<Value, storage::Error> {
    let statement = &bounded(statement);
    let many = (1..=2000).take_while(|number| has(statement, *number)).count();
    let known = TYPES.iter().find(|(text, _)| statement.starts_with(text));
    let mut types: Vec<_> = match known {
        Some((_, types)) => types.split(", ").cycle().take(many).collect(),
        None => vec!["unknown"; many],
    };
    loop {
        match explain_with(pool, statement, &types).await {
            Err(error) => match untold(&error) {
                Some(number) if types[number - 1] == "unknown" => types[number - 1] = guess(statement, number),
                _ => return Err(error),
            },
            plan => return plan,
        }
    }
}

async fn explain_with(pool: &PgPool, statement: &str, types: &[&str]) -> Result<Value, storage::Error> {
    let list = |words: &[&str]| match words {
        [] => String::new(),
        _ => format!("({})", words.join(", ")),
    };
    let (types, values) = (list(types), list(&vec!["null"; types.len()]));
    let sql = format!(
        "set plan_cache_mode = force_generic_plan; deallocate all; prepare one{types} as {statement};
        explain (format json) execute one{values}"
    );
    let row = raw_sql(AssertSqlSafe(sql)).fetch_one(pool).await?;
    let text: Value = row.try_get(0)?;
    Ok(text[0]["Plan"].clone())
}

/// The type of a value that PostgreSQL cannot tell by itself, by what it is compared with: a moment, or a text.
fn guess(statement: &str, number: usize) -> &'static str {
    let mut places = places(statement, number);
    let is_moment = places.any(|at| statement[..at].trim_end_matches(['<', '>', '=', ' ']).ends_with("_at"));
    if is_moment { "timestamptz" } else { "text" }
}

/// The number of the value whose type PostgreSQL cannot tell.
fn untold(error: &storage::Error) -> Option<usize> {
    let text = error.to_string();
    let (_, number) = text.split_once("could not determine data type of parameter $")?;
    number.split_whitespace().next()?.parse().ok()
}

/// With its limit written out: PostgreSQL takes one that it does not know for a tenth of the table, and in truth makes a
/// plan for each value as long as that is the better one.
fn bounded(statement: &str) -> String {
    let Some((before, after)) = statement.split_once("limit $") else {
        return statement.to_owned();
    };
    let digits = after.chars().take_while(char::is_ascii_digit).count();
    let number: usize = after[..digits].parse().expect("the number of a value");
    let bounded = format!("{before}limit 100{}", &after[digits..]);
    if has(&bounded, number) {
        return bounded;
    }
    // A value that is nowhere has no type: those after it move up.
    (number + 1..=2000)
        .take_while(|later| has(&bounded, *later))
        .fold(bounded.clone(), |text, later| {
            text.replace(&format!("${later}"), &format!("${}", later - 1))
        })
}

fn has(statement: &str, number: usize) -> bool {
    places(statement, number).next().is_some()
}

/// Where the value of this number stands.
fn places(statement: &str, number: usize) -> impl Iterator<Item = usize> {
    let place = format!("${number}");
    let is_whole = |at: &usize| !statement[at + place.len()..].starts_with(|next: char| next.is_ascii_digit());
    let found: Vec<_> = statement
        .match_indices(&place)
        .map(|(at, _)| at)
        .filter(is_whole)
        .collect();
    found.into_iter()
}

/// A large table read from its beginning, by rows or by an index that narrows nothing.
fn look(node: &Value, found: &mut Vec<String>) {
    let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
    let rows = node["Plan Rows"].as_f64().unwrap_or_default();
    let is_narrow = ["Index Cond", "Recheck Cond"]
        .iter()
        .any(|name| node.get(*name).is_some());
    let is_whole = match text("Node Type").as_str() {
        "Seq Scan" => true,
        "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => !is_narrow && rows > FEW,
        _ => false,
    };
    if is_whole && is_large(node) {
        found.push(format!("it reads all of {}", text("Relation Name")));
    }
    // What stops after a few rows has not read the others.
    let is_bounded = text("Node Type") == "Limit" && rows <= FEW;
    for child in node["Plans"].as_array().into_iter().flatten() {
        let mut below = Vec::new();
        look(child, &mut below);
        let is_in_order = child["Node Type"]
            .as_str()
            .is_some_and(|kind| kind.starts_with("Index"));
        if !(is_bounded && is_in_order) {
            found.append(&mut below);
        }
    }
}

/// By what it costs: a scan that is narrowed afterwards says how few rows are left, not how many it has read.
fn is_large(node: &Value) -> bool {
    node["Total Cost"].as_f64().unwrap_or_default() > FEW
}
