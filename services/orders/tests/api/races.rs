//! Keys, quotes and carts that can be used once, used by many requests at the same time at two replicas. See
//! `docs/attacks.md`.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{Running, repository};

use crate::neighbours::Fault::{Rejects, SlowAnswer};
use crate::{kind, post, request, start, worlds};

const MANY: usize = 12;

/// Sends concurrent requests to both replicas in turn.
async fn post_concurrently(
    replicas: [&Running; 2],
    key: impl Fn(usize) -> String,
    body: impl Fn(usize) -> Value,
) -> Vec<(u16, Value)> {
    let sent = (0..MANY).map(|number| {
        let (key, body) = (key(number), body(number));
        async move { post(replicas[number % 2], &key, &body).await }
    });
    join_all(sent).await
}

/// The ids of the orders that were placed.
fn placed(answers: &[(u16, Value)]) -> BTreeSet<&str> {
    let placed = answers.iter().filter(|(status, _)| *status == 201);
    placed.map(|(_, order)| order["id"].as_str().expect("an id")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_at_two_replicas_places_one_order() {
    for (orders, neighbours, database) in worlds().await {
        let other = start(&database.url, &neighbours.url()).await;
        neighbours.set_faults("reserve", &[SlowAnswer]);
        neighbours.set_faults("authorise", &[SlowAnswer]);
        let answers = post_concurrently([&orders, &other], |_| "key".to_owned(), |_| request()).await;
        assert!(answers.iter().all(|(status, _)| *status == 201), "{answers:?}");
        assert_eq!(placed(&answers).len(), 1);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        assert_eq!(neighbours.calls("authorise").len(), 1);
    }
}

/// Four different requests with one key: one of them places an order, and the others are refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_with_four_different_requests_places_one_order() {
    for (orders, neighbours, database) in worlds().await {
        let other = start(&database.url, &neighbours.url()).await;
        neighbours.set_faults("reserve", &[SlowAnswer]);
        let body = |number: usize| {
            let mut body = request();
            body["email"] = json!(format!("ada-{}@example.org", number / 2 % 4));
            body
        };
        let answers = post_concurrently([&orders, &other], |_| "key".to_owned(), body).await;
        assert_eq!(placed(&answers).len(), 1);
        let refused = answers.iter().filter(|(status, _)| *status != 201);
        let problems: Vec<_> = refused.map(|(status, problem)| (*status, kind(problem))).collect();
        assert!((8..=10).contains(&problems.len()), "{answers:?}");
        assert!(
            problems
                .iter()
                .all(|problem| *problem == (422, "idempotency-key-reused")),
            "{problems:?}"
        );
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}

/// With different keys. A quote can be used again if its order was rejected.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn quote_is_used_for_one_order() {
    for (orders, neighbours, database) in worlds().await {
        let other = start(&database.url, &neighbours.url()).await;
        let mut one = request();
        one["quote"] = crate::quoted("one", &one)["quote"].take();
        // Both replicas fetch pricing's key before the race.
        neighbours.set_faults("reserve", &[Rejects("out-of-stock"); 2]);
        assert_eq!(post(&orders, "refused", &one).await.0, 409);
        assert_eq!(post(&other, "refused-too", &one).await.0, 409);

        neighbours.set_faults("reserve", &[SlowAnswer]);
        let answers = post_concurrently([&orders, &other], |number| format!("key-{number}"), |_| one.clone()).await;
        assert_eq!(placed(&answers).len(), 1, "{answers:?}");
        let refused = answers.iter().filter(|(status, _)| *status != 201);
        let problems: Vec<_> = refused.map(|(status, problem)| (*status, kind(problem))).collect();
        assert_eq!(problems, [(409, "quote-used"); MANY - 1]);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        assert_eq!(post(&other, "later", &one).await.0, 409);
    }
}

/// With different quotes and keys. A version can be ordered again if its order was rejected, and the next version can be
/// ordered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cart_version_is_ordered_once() {
    for (orders, neighbours, database) in worlds().await {
        let other = start(&database.url, &neighbours.url()).await;
        let of_version = |version: i64| {
            let mut body = request();
            body["cart_version"] = json!(version);
            body
        };
        // Both replicas fetch pricing's key before the race.
        neighbours.set_faults("reserve", &[Rejects("out-of-stock"); 2]);
        assert_eq!(post(&orders, "refused", &of_version(3)).await.0, 409);
        assert_eq!(post(&other, "refused-too", &of_version(3)).await.0, 409);

        neighbours.set_faults("reserve", &[SlowAnswer]);
        let answers = post_concurrently([&orders, &other], |number| format!("key-{number}"), |_| of_version(3)).await;
        assert_eq!(placed(&answers).len(), 1, "{answers:?}");
        let refused = answers.iter().filter(|(status, _)| *status != 201);
        let problems: Vec<_> = refused.map(|(status, problem)| (*status, kind(problem))).collect();
        assert_eq!(problems, [(409, "cart-ordered"); MANY - 1]);
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));

        // A repeated request is the same, although the cart has changed since.
        let winner = answers.iter().position(|(status, _)| *status == 201).expect("one");
        let (status, again) = post(&other, &format!("key-{winner}"), &of_version(4)).await;
        assert_eq!((status, &again["id"]), (201, &answers[winner].1["id"]));
        assert_eq!(post(&other, "later", &of_version(4)).await.0, 201);
    }
}

#[test]
fn table_of_attacks_names_tests_that_exist() {
    let table = std::fs::read_to_string(repository("docs/attacks.md")).expect("the document");
    let rows = table
        .lines()
        .filter(|line| line.starts_with("| ") && !["| #", "| must hold"].iter().any(|head| line.starts_with(head)));
    let (mut named, mut rows_seen) = (BTreeSet::new(), 0);
    for row in rows {
        rows_seen += 1;
        let cells: Vec<&str> = row.split('`').collect();
        let [.., file, _, test, _] = cells.as_slice() else {
            panic!("a row without a file or a test: {row}");
        };
        let source = std::fs::read_to_string(repository(file)).expect(file);
        let (rust, typescript) = (format!("fn {test}("), format!("test(\"{test}\""));
        assert!(source.contains(&rust) || source.contains(&typescript), "{row}");
        named.insert((file.to_owned(), test.to_owned()));
    }
    assert!(rows_seen > 23 && named.len() == rows_seen, "{rows_seen} rows");
}
