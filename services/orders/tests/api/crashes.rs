//! A process crashes at any step, before or after its effect. The next one continues from there.

use std::time::Duration;

use ::orders::App;
use serde_json::{Value, json};
use service::Part;
use storage::DatabaseUrl;
use testkit::Running;

use crate::neighbours::{Fault, Neighbours};
use crate::{config, expire_leases, last, post, request, start};

/// Places an order in a runtime of its own, which is shut down as soon as a step is called.
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
    tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(5)))
        .await
        .unwrap();
}

#[tokio::test]
async fn order_left_by_a_crash_is_continued_by_the_same_request() {
    let written = [
        ("reserve", "placed"),
        ("authorise", "reserved"),
        ("commit", "confirmed"),
        ("capture", "confirmed"),
        ("clear", "confirmed"),
    ];
    for (step, status) in written {
        for fault in [Fault::LateAnswer, Fault::NoAnswer] {
            for database in testkit::databases().await {
                let neighbours = Neighbours::start().await;
                neighbours.set_faults(step, &[fault]);
                crash_at(step, &database.url, &neighbours).await;

                let orders = start(&database.url, &neighbours.url()).await;
                let left = last(&orders, &neighbours).await;
                assert_eq!(left["status"], status, "{step} {fault:?}");
                expire_leases(&database.url).await;
                let (status, order) = post(&orders, "key", &request()).await;
                assert_eq!(
                    (status, &order["status"]),
                    (201, &json!("completed")),
                    "{step} {fault:?}"
                );
                assert_eq!((&order["id"], &order["number"]), (&left["id"], &left["number"]));
                let (reservations, payments, _) = neighbours.state();
                assert_eq!(
                    (reservations, payments),
                    (vec!["committed"], vec!["captured"]),
                    "{step} {fault:?}"
                );
            }
        }
    }
}

/// The crash happened while a rejected order was undone.
#[tokio::test]
async fn undo_left_by_a_crash_is_continued_by_the_same_request() {
    for fault in [Fault::LateAnswer, Fault::NoAnswer] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            neighbours.set_faults("authorise", &[Fault::Rejects("card-declined")]);
            neighbours.set_faults("release", &[fault]);
            crash_at("release", &database.url, &neighbours).await;

            let orders = start(&database.url, &neighbours.url()).await;
            assert_eq!(last(&orders, &neighbours).await["status"], "rejected");
            expire_leases(&database.url).await;
            assert_eq!(post(&orders, "key", &request()).await.0, 402);
            assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
        }
    }
}

/// The units may have been sold since, so the shopper is told to try again.
#[tokio::test]
async fn order_left_for_longer_than_its_units_are_held_fails() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.hold_for(61);
        neighbours.set_faults("authorise", &[Fault::LateAnswer]);
        crash_at("authorise", &database.url, &neighbours).await;
        tokio::time::sleep(Duration::from_secs(1)).await;

        let orders = start(&database.url, &neighbours.url()).await;
        expire_leases(&database.url).await;
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        assert_eq!(neighbours.state(), (vec!["released"], vec!["voided"], 0));
        neighbours.hold_for(900);
        assert_eq!(post(&orders, "key", &request()).await.0, 201);
    }
}

/// Two processes must not work on one order at the same time.
#[tokio::test]
async fn leased_order_is_not_taken_up() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.set_faults("reserve", &[Fault::LateAnswer]);
        crash_at("reserve", &database.url, &neighbours).await;

        let orders = start(&database.url, &neighbours.url()).await;
        let (status, problem): (u16, Value) = post(&orders, "key", &request()).await;
        assert_eq!((status, crate::kind(&problem)), (503, "in-progress"));
        assert_eq!(neighbours.calls("reserve").len(), 1);
    }
}
