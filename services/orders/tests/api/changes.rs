//! Long polling of an order, whichever replica changes it.

use std::time::{Duration, Instant};

use ::orders::{App, Config};
use reqwest::Method;
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

use crate::neighbours::Neighbours;
use crate::{STEP_TIMEOUT, config, post, request};

/// Two replicas, of which one has a worker, and an order that awaits payment.
struct World {
    working: Running,
    idle: Running,
    neighbours: Neighbours,
    order: Value,
    _database: Database,
}

async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.require_action();
        let of = |worker_ms| Config {
            worker_ms,
            ..config(&database.url, &neighbours.url(), STEP_TIMEOUT)
        };
        let working = Running::start(App::start(of(20)).await.expect("orders start")).await;
        let idle = Running::start(App::start(of(3_600_000)).await.expect("orders start")).await;
        let (status, order) = post(&idle, "key", &request()).await;
        assert_eq!((status, &order["status"]), (202, &json!("awaiting_payment")));
        worlds.push(World {
            working,
            idle,
            neighbours,
            order,
            _database: database,
        });
    }
    worlds
}

async fn get(orders: &Running, order: &Value, seen: &str, wait: u64) -> reqwest::Response {
    let path = format!("/orders/{}", order["id"].as_str().expect("an id"));
    let request = orders.request(Method::GET, &path).header("if-none-match", seen);
    let answer = request.header("prefer", format!("wait={wait}")).send().await;
    answer.expect("orders answer")
}

fn tag(answer: &reqwest::Response) -> String {
    answer.headers()["etag"].to_str().expect("a tag").to_owned()
}

#[tokio::test]
async fn long_poll_is_answered_at_once_when_any_replica_changes_the_order() {
    for World {
        working,
        idle,
        neighbours,
        order,
        ..
    } in worlds().await
    {
        let seen = tag(&get(&idle, &order, "", 0).await);
        assert_eq!(
            seen,
            tag(&get(&working, &order, "", 0).await),
            "both replicas give the same tag"
        );
        let begun = Instant::now();
        let waiting = async { tokio::join!(get(&working, &order, &seen, 25), get(&idle, &order, &seen, 25)) };
        let answering = async {
            neighbours.set_pending_payments("authorised");
            neighbours.publish("payments.payment-authorised.v1", order["id"].as_str().expect("an id"));
        };
        let ((by_working, by_idle), ()) = tokio::join!(waiting, answering);
        assert!(begun.elapsed() < Duration::from_secs(15), "the polls waited to the end");
        for answer in [by_working, by_idle] {
            assert_eq!(answer.status(), 200);
            assert_ne!(tag(&answer), seen);
            let now: Value = answer.json().await.expect("an order");
            assert_ne!(now["status"], "awaiting_payment");
        }
    }
}

#[tokio::test]
async fn long_poll_ends_with_304_if_the_order_does_not_change() {
    for World { idle, order, .. } in worlds().await {
        let first = get(&idle, &order, "\"another\"", 30).await;
        assert_eq!(first.status(), 200, "a poll with another tag does not wait");
        let begun = Instant::now();
        let unchanged = get(&idle, &order, &tag(&first), 1).await;
        assert_eq!((unchanged.status().as_u16(), tag(&unchanged)), (304, tag(&first)));
        assert!(begun.elapsed() >= Duration::from_secs(1));
        assert_eq!(unchanged.text().await.expect("a body"), "");
    }
}
