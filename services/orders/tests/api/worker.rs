//! What was left half-way is finished without anybody asking for it.

use std::time::Duration;

use ::orders::{App, Config};
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

use crate::crashes::crash_at;
use crate::neighbours::Mood::{Broken, Deaf, Lost, Refuses};
use crate::neighbours::Neighbours;
use crate::{STEP, config, kind, last, leases_run_out, post, request};

/// Orders whose worker looks often.
async fn start(config: Config) -> Running {
    let app = App::start(Config {
        worker_ms: 20,
        ..config
    })
    .await;
    Running::start(app.expect("orders start")).await
}

/// Such orders on each database, and their neighbours.
async fn worlds() -> Vec<(Running, Neighbours, Database)> {
    let mut worlds = Vec::new();
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP)).await;
        worlds.push((orders, neighbours, database));
    }
    worlds
}

/// Waits until the last order is where it should be.
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

/// Waits until units and money are where they should be.
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
async fn after_a_crash_at_any_step() {
    for step in ["reserve", "authorise", "commit", "capture"] {
        for mood in [Lost, Deaf] {
            for database in testkit::databases().await {
                let neighbours = Neighbours::start().await;
                neighbours.moods(step, &[mood]);
                crash_at(step, &database.url, &neighbours).await;
                leases_run_out(&database.url).await;

                let orders = start(config(&database.url, &neighbours.url(), STEP)).await;
                becomes(&orders, &neighbours, "completed").await;
                settles(&neighbours, &["committed"], &["captured"]).await;
            }
        }
    }
}

#[tokio::test]
async fn when_the_neighbours_come_back() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("commit", &[Broken; 5]);
        neighbours.moods("capture", &[Broken; 5]);
        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!((status, &order["status"]), (201, &json!("confirmed")));
        becomes(&orders, &neighbours, "completed").await;
        // The cart is cleared once, however often the order was taken up.
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}

#[tokio::test]
async fn until_all_is_given_back() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("authorise", &[Lost, Lost]);
        neighbours.moods("void", &[Broken; 5]);
        neighbours.moods("release", &[Broken; 5]);
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        settles(&neighbours, &["released"], &["voided"]).await;
    }
}

/// Money that is not let go is not back, whatever the reason.
#[tokio::test]
async fn even_where_payments_says_no() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("authorise", &[Lost, Lost]);
        neighbours.moods("void", &[Refuses("wrong-state"); 2]);
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        settles(&neighbours, &["released"], &["voided"]).await;
    }
}

/// Nobody waits for longer than was said: the order is followed from then on.
#[tokio::test]
async fn a_slow_order_is_followed() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let patient = config(&database.url, &neighbours.url(), Duration::from_mins(1));
        let orders = start(Config {
            answer_ms: 1000,
            ..patient
        })
        .await;
        neighbours.moods("authorise", &[Lost]);
        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!((status, &order["status"]), (202, &json!("reserved")));
        let completed = becomes(&orders, &neighbours, "completed").await;
        assert_eq!(completed["id"], order["id"]);
        let (status, again) = post(&orders, "key", &request()).await;
        assert_eq!((status, &again["id"]), (201, &order["id"]));
    }
}

/// An order that was left for too long is not placed behind the back of a shopper who has gone.
#[tokio::test]
async fn an_overdue_order_is_given_up() {
    for step in ["reserve", "authorise"] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            neighbours.moods(step, &[Lost]);
            crash_at(step, &database.url, &neighbours).await;
            leases_run_out(&database.url).await;

            let patient = config(&database.url, &neighbours.url(), STEP);
            let orders = start(Config {
                order_deadline_seconds: 0,
                ..patient
            })
            .await;
            becomes(&orders, &neighbours, "failed").await;
            let payments: &[&str] = if step == "reserve" { &[] } else { &["voided"] };
            settles(&neighbours, &["released"], payments).await;
        }
    }
}

/// Who was too slow writes nothing any more, and what it has done is not done twice.
#[tokio::test]
async fn an_owner_whose_lease_ran_out_is_fenced_off() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.moods("authorise", &[Lost]);
        let patient = config(&database.url, &neighbours.url(), Duration::from_mins(1));
        let slow = Running::start(App::start(patient).await.unwrap()).await;
        let request = request();
        let hurried = async {
            neighbours.called("authorise", 1).await;
            leases_run_out(&database.url).await;
            let quick = start(config(&database.url, &neighbours.url(), STEP)).await;
            becomes(&quick, &neighbours, "completed").await
        };
        let (slow, completed) = tokio::join!(post(&slow, "key", &request), hurried);
        assert_eq!((slow.0, kind(&slow.1)), (503, "in-progress"), "{:?}", slow.1);
        assert_eq!(completed["status"], "completed");
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
    }
}

/// The bank wants to hear from the shopper: the order waits for the answer, and then goes on by itself.
#[tokio::test]
async fn a_shopper_answers_their_bank() {
    for (answer, end, reservation) in [
        ("authorised", "completed", "committed"),
        ("declined", "rejected", "released"),
    ] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            neighbours.ask();
            let orders = start(config(&database.url, &neighbours.url(), STEP)).await;
            let (status, order) = post(&orders, "key", &request()).await;
            assert_eq!((status, &order["status"]), (202, &json!("awaiting_payment")));
            assert_eq!(order["action"], "http://bank.example/ask");
            neighbours.called("payment", 2).await;
            neighbours.shoppers_answer(answer);
            let order = becomes(&orders, &neighbours, end).await;
            assert_eq!(order["action"], Value::Null);
            let (reservations, _, _) = neighbours.state();
            settles(&neighbours, &[reservation], &[neighbours.state().1[0]]).await;
            assert_eq!(reservations.len(), 1);
            assert_eq!(neighbours.calls("authorise").len(), 1);
        }
    }
}

/// It need not be asked for the answer: payments tells.
#[tokio::test]
async fn a_banks_answer_is_heard() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.ask();
        let seldom = config(&database.url, &neighbours.url(), STEP);
        // Without an event, the bank would be asked again after a minute.
        let app = App::start(Config {
            worker_ms: 1000,
            ..seldom
        });
        let orders = Running::start(app.await.unwrap()).await;
        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!(status, 202, "{order}");
        neighbours.shoppers_answer("authorised");
        neighbours.tell("payments.payment-authorised.v1", order["id"].as_str().unwrap());
        becomes(&orders, &neighbours, "completed").await;
    }
}

/// A shopper who never answers does not keep units from others.
#[tokio::test]
async fn a_shopper_who_never_answers_loses_the_units() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        neighbours.ask();
        let patient = config(&database.url, &neighbours.url(), STEP);
        let orders = start(Config {
            order_deadline_seconds: 1,
            ..patient
        })
        .await;
        assert_eq!(post(&orders, "key", &request()).await.0, 202);
        let order = becomes(&orders, &neighbours, "rejected").await;
        settles(&neighbours, &["released"], &["expired"]).await;
        let reason = order["reason"].as_str().expect("words for the shopper");
        assert!(reason.contains("bank did not hear from you in time") && reason.contains("Nothing was charged"));
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (402, "payment-expired"));
    }
}

/// The money was gone when the units had left the shelf already: they are put back.
#[tokio::test]
async fn units_of_a_cancelled_order_are_put_back() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("capture", &[Refuses("wrong-state")]);
        assert_eq!(post(&orders, "key", &request()).await.0, 409);
        neighbours.called("restock", 1).await;
        becomes(&orders, &neighbours, "cancelled").await;
        assert_eq!(neighbours.state().1, ["voided"]);
    }
}

/// The units lapsed before anybody could take them: the shopper is told, and pays nothing.
#[tokio::test]
async fn an_order_that_cannot_be_kept_is_cancelled() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("commit", &[Refuses("expired")]);
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (409, "cancelled"));
        settles(&neighbours, &["released"], &["voided"]).await;
        let order = last(&orders, &neighbours).await;
        assert_eq!(order["status"], "cancelled");
        assert!(order["reason"].as_str().unwrap().contains("gone"), "{order}");
        assert_eq!(post(&orders, "key", &request()).await, (status, problem));
    }
}
