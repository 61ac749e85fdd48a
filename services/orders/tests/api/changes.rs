//! Whoever follows an order hears of a change as it happens, whichever replica makes it.

use std::time::{Duration, Instant};

use ::orders::{App, Config};
use reqwest::Method;
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

use crate::neighbours::Neighbours;
use crate::{STEP, config, post, request};

/// Two replicas, of which one has a worker that looks often, and an order that waits for the shopper's bank.
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
        neighbours.ask();
        let of = |worker_ms| Config {
            worker_ms,
            ..config(&database.url, &neighbours.url(), STEP)
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
async fn a_change_is_heard_of_at_once_from_any_replica() {
    for World {
        working,
        idle,
        neighbours,
        order,
        ..
    } in worlds().await
    {
        let seen = tag(&get(&idle, &order, "", 0).await);
        assert_eq!(seen, tag(&get(&working, &order, "", 0).await), "one state has one tag");
        let begun = Instant::now();
        let waiting = async { tokio::join!(get(&working, &order, &seen, 25), get(&idle, &order, &seen, 25)) };
        let answering = async {
            neighbours.shoppers_answer("authorised");
            neighbours.tell("payments.payment-authorised.v1", order["id"].as_str().expect("an id"));
        };
        let ((by_working, by_idle), ()) = tokio::join!(waiting, answering);
        assert!(begun.elapsed() < Duration::from_secs(15), "they waited to the end");
        for answer in [by_working, by_idle] {
            assert_eq!(answer.status(), 200);
            assert_ne!(tag(&answer), seen);
            let now: Value = answer.json().await.expect("an order");
            assert_ne!(now["status"], "awaiting_payment");
        }
    }
}

#[tokio::test]
async fn nothing_new_is_no_answer() {
    for World { idle, order, .. } in worlds().await {
        let first = get(&idle, &order, "\"another\"", 30).await;
        assert_eq!(first.status(), 200, "who is behind does not wait");
        let begun = Instant::now();
        let unchanged = get(&idle, &order, &tag(&first), 1).await;
        assert_eq!((unchanged.status().as_u16(), tag(&unchanged)), (304, tag(&first)));
        assert!(begun.elapsed() >= Duration::from_secs(1));
        assert_eq!(unchanged.text().await.expect("a body"), "");
    }
}
