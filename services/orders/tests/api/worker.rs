//! The worker continues orders that were left in progress.

use std::time::Duration;

use ::orders::{App, Config};
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

use crate::crashes::crash_at;
use crate::neighbours::Fault::{LateAnswer, NoAnswer, Rejects, ServerError};
use crate::neighbours::Neighbours;
use crate::{STEP_TIMEOUT, config, expire_leases, kind, last, post, request};

/// Orders with a worker that looks often.
async fn start(config: Config) -> Running {
    let app = App::start(Config {
        worker_ms: 20,
        ..config
    })
    .await;
    Running::start(app.expect("orders start")).await
}

/// Such orders with their neighbours, on each database.
async fn worlds() -> Vec<(Running, Neighbours, Database)> {
    let mut worlds = Vec::new();
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP_TIMEOUT)).await;
        worlds.push((orders, neighbours, database));
    }
    worlds
}

/// Waits until the last order has this status.
async fn becomes(orders: &Running, neighbours: &Neighbours, status: &str) -> Value {
    let waiting = async {
        loop {
            let order = last(orders, neighbours).await;
            if order["status"] == status {
                return order;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    waited.unwrap_or_else(|_| panic!("never {status}"))
}

/// Waits until reservations and payments have these statuses.
async fn settles(neighbours: &Neighbours, reservations: &[&str], payments: &[&str]) {
    let waiting = async {
        while neighbours.state().0 != reservations || neighbours.state().1 != payments {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    waited.unwrap_or_else(|_| panic!("{:?}", neighbours.state()));
}

#[tokio::test]
async fn worker_completes_an_order_after_a_crash_at_any_step() {
    for step in ["reserve", "authorise", "commit", "capture"] {
        for fault in [LateAnswer, NoAnswer] {
            for database in testkit::databases().await {
                let neighbours = Neighbours::start().await;
                neighbours.set_faults(step, &[fault]);
                crash_at(step, &database.url, &neighbours).await;
                expire_leases(&database.url).await;

                let orders = start(config(&database.url, &neighbours.url(), STEP_TIMEOUT)).await;
                becomes(&orders, &neighbours, "completed").await;
                settles(&neighbours, &["committed"], &["captured"]).await;
            }
        }
    }
}

#[tokio::test]
async fn worker_completes_an_order_when_services_answer_again() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("commit", &[ServerError; 5]);
        neighbours.set_faults("capture", &[ServerError; 5]);
        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!((status, &order["status"]), (201, &json!("confirmed")));
        becomes(&orders, &neighbours, "completed").await;
        // The cart is cleared once, although the order was taken up several times.
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}

#[tokio::test]
async fn worker_retries_an_undo_until_it_is_done() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("authorise", &[LateAnswer, LateAnswer]);
        neighbours.set_faults("void", &[ServerError; 5]);
        neighbours.set_faults("release", &[ServerError; 5]);
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        settles(&neighbours, &["released"], &["voided"]).await;
    }
}

#[tokio::test]
async fn worker_retries_a_refused_void() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("authorise", &[LateAnswer, LateAnswer]);
        neighbours.set_faults("void", &[Rejects("wrong-state"); 2]);
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        settles(&neighbours, &["released"], &["voided"]).await;
    }
}

#[tokio::test]
async fn slow_order_is_answered_with_202() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let base = config(&database.url, &neighbours.url(), Duration::from_mins(1));
        let orders = start(Config {
            answer_ms: 1000,
            ..base
        })
        .await;
        neighbours.set_faults("authorise", &[LateAnswer]);
        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!((status, &order["status"]), (202, &json!("reserved")));
        let completed = becomes(&orders, &neighbours, "completed").await;
        assert_eq!(completed["id"], order["id"]);
        let (status, again) = post(&orders, "key", &request()).await;
        assert_eq!((status, &again["id"]), (201, &order["id"]));
    }
}

/// The shopper has gone, so the order is not placed any more.
#[tokio::test]
async fn overdue_order_fails() {
    for step in ["reserve", "authorise"] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            neighbours.set_faults(step, &[LateAnswer]);
            crash_at(step, &database.url, &neighbours).await;
            expire_leases(&database.url).await;

            let base = config(&database.url, &neighbours.url(), STEP_TIMEOUT);
            let orders = start(Config {
                order_deadline_seconds: 0,
                ..base
            })
            .await;
            becomes(&orders, &neighbours, "failed").await;
            let payments: &[&str] = if step == "reserve" { &[] } else { &["voided"] };
            settles(&neighbours, &["released"], payments).await;
        }
    }
}

#[tokio::test]
async fn owner_with_an_expired_lease_cannot_write() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.set_faults("authorise", &[LateAnswer]);
        let base = config(&database.url, &neighbours.url(), Duration::from_mins(1));
        let slow = Running::start(App::start(base).await.unwrap()).await;
        let request = request();
        let finished_by_another = async {
            neighbours.called("authorise", 1).await;
            expire_leases(&database.url).await;
            let quick = start(config(&database.url, &neighbours.url(), STEP_TIMEOUT)).await;
            becomes(&quick, &neighbours, "completed").await
        };
        let (slow, completed) = tokio::join!(post(&slow, "key", &request), finished_by_another);
        assert_eq!((slow.0, kind(&slow.1)), (503, "in-progress"), "{:?}", slow.1);
        assert_eq!(completed["status"], "completed");
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}

#[tokio::test]
async fn order_goes_on_when_the_shopper_answers_the_bank() {
    for (answer, end, reservation) in [
        ("authorised", "completed", "committed"),
        ("declined", "rejected", "released"),
    ] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            neighbours.require_action();
            let orders = start(config(&database.url, &neighbours.url(), STEP_TIMEOUT)).await;
            let (status, order) = post(&orders, "key", &request()).await;
            assert_eq!((status, &order["status"]), (202, &json!("awaiting_payment")));
            assert_eq!(order["redirect_url"], "http://bank.example/confirm");
            neighbours.called("payment", 2).await;
            neighbours.set_pending_payments(answer);
            let order = becomes(&orders, &neighbours, end).await;
            assert_eq!(order["redirect_url"], Value::Null);
            let (reservations, _, _) = neighbours.state();
            settles(&neighbours, &[reservation], &[neighbours.state().1[0]]).await;
            assert_eq!(reservations.len(), 1);
            assert_eq!(neighbours.calls("authorise").len(), 1);
        }
    }
}

#[tokio::test]
async fn order_goes_on_when_a_payment_event_arrives() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.require_action();
        let base = config(&database.url, &neighbours.url(), STEP_TIMEOUT);
        // Without an event, payments would be asked after a minute.
        let app = App::start(Config {
            worker_ms: 1000,
            ..base
        });
        let orders = Running::start(app.await.unwrap()).await;
        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!(status, 202, "{order}");
        neighbours.set_pending_payments("authorised");
        neighbours.publish("payments.payment-authorised.v1", order["id"].as_str().unwrap());
        becomes(&orders, &neighbours, "completed").await;
    }
}

#[tokio::test]
async fn order_that_is_never_paid_is_rejected() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.require_action();
        let base = config(&database.url, &neighbours.url(), STEP_TIMEOUT);
        let orders = start(Config {
            order_deadline_seconds: 1,
            ..base
        })
        .await;
        assert_eq!(post(&orders, "key", &request()).await.0, 202);
        let order = becomes(&orders, &neighbours, "rejected").await;
        settles(&neighbours, &["released"], &["expired"]).await;
        let reason = order["reason"].as_str().expect("words for the shopper");
        assert!(
            reason.contains("did not confirm the payment with your bank in time")
                && reason.contains("Nothing was charged")
        );
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (402, "payment-expired"));
    }
}

/// The capture fails after the units were committed.
#[tokio::test]
async fn committed_units_of_a_cancelled_order_are_restocked() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("capture", &[Rejects("wrong-state")]);
        assert_eq!(post(&orders, "key", &request()).await.0, 409);
        neighbours.called("restock", 1).await;
        becomes(&orders, &neighbours, "cancelled").await;
        assert_eq!(neighbours.state().1, ["voided"]);
    }
}

/// The reservation expires before it is committed.
#[tokio::test]
async fn confirmed_order_whose_units_are_gone_is_cancelled() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("commit", &[Rejects("expired")]);
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (409, "cancelled"));
        settles(&neighbours, &["released"], &["voided"]).await;
        let order = last(&orders, &neighbours).await;
        assert_eq!(order["status"], "cancelled");
        assert!(
            order["reason"].as_str().unwrap().contains("no longer available"),
            "{order}"
        );
        assert_eq!(post(&orders, "key", &request()).await, (status, problem));
    }
}
