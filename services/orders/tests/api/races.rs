//! What is good for once, used by many at once and at two replicas. See `docs/attacks.md`.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{Running, repository};

use crate::neighbours::Mood::{Refuses, Slow};
use crate::{kind, post, request, start, worlds};

const MANY: usize = 12;

/// Sends so many, each at the other replica than the one before.
async fn at_once(
    replicas: [&Running; 2],
    key: impl Fn(usize) -> String,
    wish: impl Fn(usize) -> Value,
) -> Vec<(u16, Value)> {
    let sent = (0..MANY).map(|number| {
        let (key, wish) = (key(number), wish(number));
        async move { post(replicas[number % 2], &key, &wish).await }
    });
    join_all(sent).await
}

/// The orders that came of it.
fn placed(answers: &[(u16, Value)]) -> BTreeSet<&str> {
    let placed = answers.iter().filter(|(status, _)| *status == 201);
    placed.map(|(_, order)| order["id"].as_str().expect("an id")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_at_two_replicas_is_one_order() {
    for (orders, neighbours, database) in worlds().await {
        let other = start(&database.url, &neighbours.url()).await;
        neighbours.moods("reserve", &[Slow]);
        neighbours.moods("authorise", &[Slow]);
        let answers = at_once([&orders, &other], |_| "key".to_owned(), |_| request()).await;
        assert!(answers.iter().all(|(status, _)| *status == 201), "{answers:?}");
        assert_eq!(placed(&answers).len(), 1);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        assert_eq!(neighbours.calls("authorise").len(), 1);
    }
}

/// Four wishes under one key: one of them is an order, whoever sends it, and the others are none.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_for_several_wishes_is_one_order() {
    for (orders, neighbours, database) in worlds().await {
        let other = start(&database.url, &neighbours.url()).await;
        neighbours.moods("reserve", &[Slow]);
        let wish = |number: usize| {
            let mut wish = request();
            wish["email"] = json!(format!("ada-{}@example.org", number / 2 % 4));
            wish
        };
        let answers = at_once([&orders, &other], |_| "key".to_owned(), wish).await;
        assert_eq!(placed(&answers).len(), 1);
        let refused = answers.iter().filter(|(status, _)| *status != 201);
        let kinds: Vec<_> = refused.map(|(status, problem)| (*status, kind(problem))).collect();
        assert!((8..=10).contains(&kinds.len()), "{answers:?}");
        assert!(
            kinds.iter().all(|kind| *kind == (422, "idempotency-key-reused")),
            "{kinds:?}"
        );
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}

/// What pricing has signed is good for one order, under whatever key; and as good as new where that came to nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_quote_buys_once() {
    for (orders, neighbours, database) in worlds().await {
        let other = start(&database.url, &neighbours.url()).await;
        let mut one = request();
        one["quote"] = crate::quoted("one", &one)["quote"].take();
        // At both, so that both know pricing's key when it matters.
        neighbours.moods("reserve", &[Refuses("out-of-stock"); 2]);
        assert_eq!(post(&orders, "refused", &one).await.0, 409);
        assert_eq!(post(&other, "refused-too", &one).await.0, 409);

        neighbours.moods("reserve", &[Slow]);
        let answers = at_once([&orders, &other], |number| format!("key-{number}"), |_| one.clone()).await;
        assert_eq!(placed(&answers).len(), 1, "{answers:?}");
        let refused = answers.iter().filter(|(status, _)| *status != 201);
        let kinds: Vec<_> = refused.map(|(status, problem)| (*status, kind(problem))).collect();
        assert_eq!(kinds, [(409, "quote-used"); MANY - 1]);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        assert_eq!(post(&other, "later", &one).await.0, 409);
    }
}

/// Two pages of one cart have a quote and a key each, and the cart is bought once as it is; again where that came to
/// nothing, and again when it has changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cart_is_bought_once_as_it_is() {
    for (orders, neighbours, database) in worlds().await {
        let other = start(&database.url, &neighbours.url()).await;
        let of_version = |version: i64| {
            let mut wish = request();
            wish["cart_version"] = json!(version);
            wish
        };
        // At both, so that both know pricing's key when it matters.
        neighbours.moods("reserve", &[Refuses("out-of-stock"); 2]);
        assert_eq!(post(&orders, "refused", &of_version(3)).await.0, 409);
        assert_eq!(post(&other, "refused-too", &of_version(3)).await.0, 409);

        neighbours.moods("reserve", &[Slow]);
        let answers = at_once([&orders, &other], |number| format!("key-{number}"), |_| of_version(3)).await;
        assert_eq!(placed(&answers).len(), 1, "{answers:?}");
        let refused = answers.iter().filter(|(status, _)| *status != 201);
        let kinds: Vec<_> = refused.map(|(status, problem)| (*status, kind(problem))).collect();
        assert_eq!(kinds, [(409, "cart-ordered"); MANY - 1]);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));

        // The same wish again, though the cart has changed since.
        let winner = answers.iter().position(|(status, _)| *status == 201).expect("one");
        let (status, again) = post(&other, &format!("key-{winner}"), &of_version(4)).await;
        assert_eq!((status, &again["id"]), (201, &answers[winner].1["id"]));
        assert_eq!(post(&other, "later", &of_version(4)).await.0, 201);
    }
}

/// The table names tests that are there, each once.
#[test]
fn the_table_of_attacks_is_true() {
    let table = std::fs::read_to_string(repository("docs/attacks.md")).expect("a table");
    let rows = table
        .lines()
        .filter(|line| line.starts_with("| ") && !["| #", "| must hold"].iter().any(|head| line.starts_with(head)));
    let (mut named, mut rows_seen) = (BTreeSet::new(), 0);
    for row in rows {
        rows_seen += 1;
        let cells: Vec<&str> = row.split('`').collect();
        let [.., file, _, test, _] = cells.as_slice() else {
            panic!("no file and no test: {row}");
        };
        let source = std::fs::read_to_string(repository(file)).expect(file);
        let (rust, typescript) = (format!("fn {test}("), format!("test(\"{test}\""));
        assert!(source.contains(&rust) || source.contains(&typescript), "{row}");
        named.insert((file.to_owned(), test.to_owned()));
    }
    assert!(rows_seen > 23 && named.len() == rows_seen, "{rows_seen} rows");
}
