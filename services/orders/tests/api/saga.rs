//! What goes wrong on the way, one thing at a time: units and money go back.

use std::time::Duration;

use serde_json::json;

use crate::neighbours::Mood::{Broken, Deaf, Lost, Refuses, Slow, Surprises};
use crate::{kind, last, pointers, post, quoted, request, worlds};

#[tokio::test]
async fn out_of_stock() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("reserve", &[Refuses("out-of-stock")]);
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (409, "out-of-stock"));
        // Of the request's line, as inventory said of the reservation's.
        assert_eq!(pointers(&problem), ["#/lines/0/quantity"]);
        let order = last(&orders, &neighbours).await;
        assert_eq!(
            (&order["status"], &order["reason"]),
            (&json!("rejected"), &json!("There is not enough of what you want."))
        );
        assert_eq!(neighbours.state(), (vec![], vec![], 0));
        assert!(neighbours.calls("authorise").is_empty());
    }
}

#[tokio::test]
async fn card_declined() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("authorise", &[Refuses("card-declined")]);
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (402, "card-declined"));
        assert_eq!(last(&orders, &neighbours).await["status"], "rejected");
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}

#[tokio::test]
async fn unknown_payment_method() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("authorise", &[Refuses("invalid")]);
        assert_eq!(post(&orders, "key", &request()).await.0, 422);
        assert_eq!(last(&orders, &neighbours).await["status"], "rejected");
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}

/// Once is no reason to give up: the step is asked for again, and happens once.
#[tokio::test]
async fn one_lost_answer_stops_nothing() {
    for (orders, neighbours, _database) in worlds().await {
        for step in ["reserve", "authorise", "commit", "capture", "clear"] {
            for mood in [Lost, Deaf, Broken] {
                neighbours.moods(step, &[mood]);
                let key = format!("{step}-{mood:?}");
                let (status, order) = post(&orders, &key, &request()).await;
                assert_eq!((status, &order["status"]), (201, &json!("completed")), "{key}");
            }
        }
        let (reservations, payments, _) = neighbours.state();
        assert_eq!((reservations, payments), (vec!["committed"; 15], vec!["captured"; 15]));
    }
}

#[tokio::test]
async fn no_answer_from_inventory() {
    for (orders, neighbours, _database) in worlds().await {
        // Whether units are held we learn only while undoing: by asking again.
        for (number, mood) in [Lost, Deaf, Broken].into_iter().enumerate() {
            neighbours.moods("reserve", &[mood, mood]);
            let (status, problem) = post(&orders, &format!("{mood:?}"), &request()).await;
            assert_eq!((status, kind(&problem)), (503, "unavailable"), "{mood:?}");
            assert_eq!(last(&orders, &neighbours).await["status"], "failed");
            assert_eq!(
                neighbours.state(),
                (vec!["released"; number + 1], vec![], 0),
                "{mood:?}"
            );
        }
        assert!(neighbours.calls("authorise").is_empty());
    }
}

#[tokio::test]
async fn no_answer_from_payments() {
    for (orders, neighbours, _database) in worlds().await {
        for (number, mood) in [Lost, Deaf, Broken].into_iter().enumerate() {
            neighbours.moods("authorise", &[mood, mood]);
            let (status, problem) = post(&orders, &format!("{mood:?}"), &request()).await;
            assert_eq!((status, kind(&problem)), (503, "unavailable"), "{mood:?}");
            assert_eq!(last(&orders, &neighbours).await["status"], "failed");
            let many = number + 1;
            assert_eq!(
                neighbours.state(),
                (vec!["released"; many], vec!["voided"; many], 0),
                "{mood:?}"
            );
        }
    }
}

/// The payment turns out to have been declined: nothing to void.
#[tokio::test]
async fn a_late_no_is_a_no() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("authorise", &[Deaf, Deaf, Refuses("card-declined")]);
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
        assert!(neighbours.calls("void").is_empty());
    }
}

/// A no that does not say that there is no payment leaves open whether there is one: payments is asked again.
#[tokio::test]
async fn only_a_no_that_means_it_leaves_nothing_to_void() {
    for (orders, neighbours, _database) in worlds().await {
        for (kind, answer, is_open) in [
            ("card-declined", Refuses("card-declined"), false),
            ("wrong-state", Refuses("wrong-state"), false),
            ("invalid", Refuses("invalid"), false),
            ("order-has-payment", Refuses("order-has-payment"), true),
            ("idempotency-key-reused", Refuses("idempotency-key-reused"), true),
            ("not-today", Surprises(409, "not-today"), true),
        ] {
            neighbours.moods("authorise", &[Deaf, Deaf, answer]);
            assert_eq!(post(&orders, kind, &request()).await.0, 503, "{kind}");
            let (_, page) = orders.get(&format!("/orders?key={kind}")).await;
            assert_eq!(page["items"][0]["open"], is_open, "{kind}");
            let asked = neighbours.calls("authorise").len();
            post(&orders, kind, &request()).await;
            assert!(neighbours.calls("authorise").len() > asked, "{kind}");
        }
        assert!(neighbours.calls("void").is_empty());
    }
}

#[tokio::test]
async fn a_no_that_speaks_of_the_neighbour_is_not_passed_on() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("authorise", &[Surprises(404, "not-found")]);
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (503, "unavailable"));
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}

#[tokio::test]
async fn units_that_are_not_held_any_longer() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.hold_for(1);
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        assert_eq!(last(&orders, &neighbours).await["status"], "failed");
        assert_eq!(neighbours.state(), (vec!["released"], vec!["voided"], 0));

        // They lapse while the payment is authorised.
        neighbours.hold_for(60);
        neighbours.moods("authorise", &[Slow]);
        assert_eq!(post(&orders, "other", &request()).await.0, 503);
        assert_eq!(neighbours.state(), (vec!["released"; 2], vec!["voided"; 2], 0));
    }
}

/// From `confirmed` on nothing is taken back: the shopper has the order, the rest is ours to finish.
#[tokio::test]
async fn a_confirmed_order_stands() {
    for (orders, neighbours, _database) in worlds().await {
        for (step, state) in [
            ("commit", ("held", "authorised")),
            ("capture", ("committed", "authorised")),
        ] {
            for mood in [Deaf, Broken] {
                let (mut reservations, mut payments, cleared) = neighbours.state();
                reservations.sort_unstable();
                neighbours.moods(step, &[mood, mood]);
                let key = format!("{step}-{mood:?}");
                let (status, order) = post(&orders, &key, &request()).await;
                assert_eq!((status, &order["status"]), (201, &json!("confirmed")), "{key}");
                let added = |before: &mut Vec<&'static str>, one| {
                    before.push(one);
                    before.sort_unstable();
                    before.clone()
                };
                let mut now = neighbours.state();
                now.0.sort_unstable();
                now.1.sort_unstable();
                let expected = (
                    added(&mut reservations, state.0),
                    added(&mut payments, state.1),
                    cleared + 1,
                );
                assert_eq!(now, expected, "{key}");

                // Asked again, the work is finished.
                let (status, again) = post(&orders, &key, &request()).await;
                assert_eq!(
                    (status, &again["status"], &again["id"]),
                    (201, &json!("completed"), &order["id"])
                );
            }
        }
        let (reservations, payments, _) = neighbours.state();
        assert_eq!((reservations, payments), (vec!["committed"; 4], vec!["captured"; 4]));
    }
}

#[tokio::test]
async fn a_cart_that_stays_full_stops_nothing() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("clear", &[Broken, Broken]);
        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!((status, &order["status"]), (201, &json!("completed")));
        assert_eq!(neighbours.state().2, 0);
        // Nor is what stays in it bought again; and it is taken out the next time that somebody is at the order.
        let (status, problem) = post(&orders, "another", &request()).await;
        assert_eq!(
            (status, kind(&problem), &problem["order"]),
            (409, "cart-ordered", &order["id"])
        );
        assert_eq!(post(&orders, "key", &request()).await.0, 201);
        assert_eq!(neighbours.state().2, 1);
        assert_eq!(post(&orders, "another", &request()).await.0, 201);
    }
}

/// What cannot be undone now is undone by the next who asks; then the key is free again.
#[tokio::test]
async fn undoing_goes_on_until_it_is_done() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("authorise", &[Lost; 4]);
        neighbours.moods("release", &[Broken; 2]);
        let first = post(&orders, "key", &request()).await;
        assert_eq!(first.0, 503);
        assert_eq!(neighbours.state(), (vec!["held"], vec!["authorised"], 0));

        // Who was silent so often is left in peace for a moment.
        let undone = (vec!["released"], vec!["voided"], 0);
        for _ in 0..100 {
            assert_eq!(post(&orders, "key", &request()).await, first);
            if neighbours.state() == undone {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(neighbours.state(), undone);

        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!((status, &order["status"]), (201, &json!("completed")));
        let (mut reservations, mut payments, cleared) = neighbours.state();
        reservations.sort_unstable();
        payments.sort_unstable();
        assert_eq!(
            (reservations, payments, cleared),
            (vec!["committed", "released"], vec!["captured", "voided"], 1)
        );
    }
}

#[tokio::test]
async fn a_declined_order_is_released_by_the_next_who_asks() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("authorise", &[Refuses("card-declined")]);
        neighbours.moods("release", &[Broken, Broken]);
        let first = post(&orders, "key", &request()).await;
        assert_eq!(first.0, 402);
        assert_eq!(neighbours.state().0, ["held"]);
        assert_eq!(post(&orders, "key", &request()).await, first);
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}

/// A cut connection, or a caller with little time: the order goes on.
#[tokio::test]
async fn nobody_needs_to_wait_for_it() {
    for (orders, neighbours, _database) in worlds().await {
        for (number, deadline) in ["60000", "20"].into_iter().enumerate() {
            neighbours.moods("reserve", &[Slow]);
            neighbours.moods("authorise", &[Slow]);
            let request = orders
                .request(reqwest::Method::POST, "/orders")
                .json(&quoted(deadline, &request()));
            let request = request
                .header("idempotency-key", deadline)
                .header("x-deadline-ms", deadline)
                .timeout(Duration::from_millis(50));
            assert!(request.send().await.is_err());
            neighbours.called("clear", number + 1).await;
            while last(&orders, &neighbours).await["status"] != "completed" {
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Each state is written down before the next step is tried.
#[tokio::test]
async fn what_has_happened_is_written_down_first() {
    let written = [
        ("reserve", "placed"),
        ("authorise", "reserved"),
        ("commit", "confirmed"),
        ("capture", "confirmed"),
    ];
    for (orders, neighbours, _database) in worlds().await {
        for (step, status) in written {
            let calls = neighbours.calls(step).len();
            neighbours.moods(step, &[Slow]);
            let request = request();
            let looking = async {
                neighbours.called(step, calls + 1).await;
                last(&orders, &neighbours).await
            };
            let (placed, seen) = tokio::join!(post(&orders, step, &request), looking);
            assert_eq!((placed.0, seen["status"].as_str()), (201, Some(status)), "{step}");
        }
    }
}
