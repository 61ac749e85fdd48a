//! A process that dies at any step, with the step done or not: the next one goes on from there.

use std::time::Duration;

use ::orders::App;
use serde_json::{Value, json};
use service::Part;
use storage::DatabaseUrl;
use testkit::Running;

use crate::neighbours::{Mood, Neighbours};
use crate::{config, last, leases_run_out, post, request, start};

/// Places an order in a process of its own, so to speak, which ends when a step is called.
pub async fn crash_at(step: &'static str, url: &DatabaseUrl, neighbours: &Neighbours) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let config = config(url, &neighbours.url(), Duration::from_mins(1));
    runtime.spawn(async move {
        let orders = Running::start(App::start(config).await.unwrap()).await;
        post(&orders, "key", &request()).await;
    });
    neighbours.called(step, 1).await;
    // Whatever it was at, it is at no longer.
    tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(5)))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_order_that_was_left_is_taken_up() {
    let written = [
        ("reserve", "placed"),
        ("authorise", "reserved"),
        ("commit", "confirmed"),
        ("capture", "confirmed"),
        ("clear", "confirmed"),
    ];
    for (step, status) in written {
        for mood in [Mood::Lost, Mood::Deaf] {
            for database in testkit::databases().await {
                let neighbours = Neighbours::start().await;
                neighbours.moods(step, &[mood]);
                crash_at(step, &database.url, &neighbours).await;

                let orders = start(&database.url, &neighbours.url()).await;
                let left = last(&orders, &neighbours).await;
                assert_eq!(left["status"], status, "{step} {mood:?}");
                leases_run_out(&database.url).await;
                let (status, order) = post(&orders, "key", &request()).await;
                assert_eq!(
                    (status, &order["status"]),
                    (201, &json!("completed")),
                    "{step} {mood:?}"
                );
                assert_eq!((&order["id"], &order["number"]), (&left["id"], &left["number"]));
                let (reservations, payments, _) = neighbours.state();
                assert_eq!(
                    (reservations, payments),
                    (vec!["committed"], vec!["captured"]),
                    "{step} {mood:?}"
                );
            }
        }
    }
}

/// It died while giving back what a declined order had taken.
#[tokio::test]
async fn undoing_is_taken_up() {
    for mood in [Mood::Lost, Mood::Deaf] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            neighbours.moods("authorise", &[Mood::Refuses("card-declined")]);
            neighbours.moods("release", &[mood]);
            crash_at("release", &database.url, &neighbours).await;

            let orders = start(&database.url, &neighbours.url()).await;
            assert_eq!(last(&orders, &neighbours).await["status"], "rejected");
            leases_run_out(&database.url).await;
            assert_eq!(post(&orders, "key", &request()).await.0, 402);
            assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
        }
    }
}

/// Left for longer than units are held: they may be somebody else's, and the shopper is told to try again.
#[tokio::test]
async fn an_order_that_was_left_for_too_long_fails() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.hold_for(61);
        neighbours.moods("authorise", &[Mood::Lost]);
        crash_at("authorise", &database.url, &neighbours).await;
        tokio::time::sleep(Duration::from_secs(1)).await;

        let orders = start(&database.url, &neighbours.url()).await;
        leases_run_out(&database.url).await;
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        assert_eq!(neighbours.state(), (vec!["released"], vec!["voided"], 0));
        neighbours.hold_for(900);
        assert_eq!(post(&orders, "key", &request()).await.0, 201);
    }
}

/// Until its lease has run out, an order is its owner's: two at once would get in each other's way.
#[tokio::test]
async fn an_order_that_somebody_may_be_at_is_left_alone() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.moods("reserve", &[Mood::Lost]);
        crash_at("reserve", &database.url, &neighbours).await;

        let orders = start(&database.url, &neighbours.url()).await;
        let (status, problem): (u16, Value) = post(&orders, "key", &request()).await;
        assert_eq!((status, crate::kind(&problem)), (503, "in-progress"));
        assert_eq!(neighbours.calls("reserve").len(), 1);
    }
}
