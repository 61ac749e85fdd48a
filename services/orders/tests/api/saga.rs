//! Failures of one step each: units and money are returned.

use std::time::Duration;

use serde_json::json;

use crate::neighbours::Fault::{LateAnswer, NoAnswer, Rejects, ServerError, SlowAnswer, UndocumentedProblem};
use crate::{kind, last, pointers, post, quoted, request, worlds};

#[tokio::test]
async fn out_of_stock_order_is_rejected() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("reserve", &[Rejects("out-of-stock")]);
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (409, "out-of-stock"));
        // Inventory's pointer is to the same line of the reservation.
        assert_eq!(pointers(&problem), ["#/lines/0/quantity"]);
        let order = last(&orders, &neighbours).await;
        assert_eq!(
            (&order["status"], &order["reason"]),
            (&json!("rejected"), &problem["detail"])
        );
        assert_eq!(neighbours.state(), (vec![], vec![], 0));
        assert!(neighbours.calls("authorise").is_empty());
    }
}

#[tokio::test]
async fn order_with_a_declined_card_is_rejected() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("authorise", &[Rejects("card-declined")]);
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (402, "card-declined"));
        assert_eq!(last(&orders, &neighbours).await["status"], "rejected");
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}

#[tokio::test]
async fn order_with_an_unknown_payment_method_is_rejected() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("authorise", &[Rejects("invalid")]);
        assert_eq!(post(&orders, "key", &request()).await.0, 422);
        assert_eq!(last(&orders, &neighbours).await["status"], "rejected");
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}

/// The step is called again, and has its effect once.
#[tokio::test]
async fn step_is_retried_after_one_lost_answer() {
    for (orders, neighbours, _database) in worlds().await {
        for step in ["reserve", "authorise", "commit", "capture", "clear"] {
            for fault in [LateAnswer, NoAnswer, ServerError] {
                neighbours.set_faults(step, &[fault]);
                let key = format!("{step}-{fault:?}");
                let (status, order) = post(&orders, &key, &request()).await;
                assert_eq!((status, &order["status"]), (201, &json!("completed")), "{key}");
            }
        }
        let (reservations, payments, _) = neighbours.state();
        assert_eq!((reservations, payments), (vec!["committed"; 15], vec!["captured"; 15]));
    }
}

#[tokio::test]
async fn order_fails_if_inventory_does_not_answer() {
    for (orders, neighbours, _database) in worlds().await {
        // The undo reserves again to find out whether there is a reservation.
        for (number, fault) in [LateAnswer, NoAnswer, ServerError].into_iter().enumerate() {
            neighbours.set_faults("reserve", &[fault, fault]);
            let (status, problem) = post(&orders, &format!("{fault:?}"), &request()).await;
            assert_eq!((status, kind(&problem)), (503, "unavailable"), "{fault:?}");
            assert_eq!(last(&orders, &neighbours).await["status"], "failed");
            assert_eq!(
                neighbours.state(),
                (vec!["released"; number + 1], vec![], 0),
                "{fault:?}"
            );
        }
        assert!(neighbours.calls("authorise").is_empty());
    }
}

#[tokio::test]
async fn order_fails_if_payments_does_not_answer() {
    for (orders, neighbours, _database) in worlds().await {
        for (number, fault) in [LateAnswer, NoAnswer, ServerError].into_iter().enumerate() {
            neighbours.set_faults("authorise", &[fault, fault]);
            let (status, problem) = post(&orders, &format!("{fault:?}"), &request()).await;
            assert_eq!((status, kind(&problem)), (503, "unavailable"), "{fault:?}");
            assert_eq!(last(&orders, &neighbours).await["status"], "failed");
            let many = number + 1;
            assert_eq!(
                neighbours.state(),
                (vec!["released"; many], vec!["voided"; many], 0),
                "{fault:?}"
            );
        }
    }
}

#[tokio::test]
async fn payment_that_turns_out_declined_needs_no_void() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("authorise", &[NoAnswer, NoAnswer, Rejects("card-declined")]);
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
        assert!(neighbours.calls("void").is_empty());
    }
}

/// After any other problem there may still be a payment, so payments is asked again.
#[tokio::test]
async fn undo_ends_only_with_a_problem_that_means_no_payment() {
    for (orders, neighbours, _database) in worlds().await {
        for (kind, answer, in_progress) in [
            ("card-declined", Rejects("card-declined"), false),
            ("wrong-state", Rejects("wrong-state"), false),
            ("invalid", Rejects("invalid"), false),
            ("order-has-payment", Rejects("order-has-payment"), true),
            ("idempotency-key-reused", Rejects("idempotency-key-reused"), true),
            ("not-today", UndocumentedProblem(409, "not-today"), true),
        ] {
            neighbours.set_faults("authorise", &[NoAnswer, NoAnswer, answer]);
            assert_eq!(post(&orders, kind, &request()).await.0, 503, "{kind}");
            let (_, page) = orders.get(&format!("/orders?key={kind}")).await;
            assert_eq!(page["items"][0]["in_progress"], in_progress, "{kind}");
            let asked = neighbours.calls("authorise").len();
            post(&orders, kind, &request()).await;
            assert!(neighbours.calls("authorise").len() > asked, "{kind}");
        }
        assert!(neighbours.calls("void").is_empty());
    }
}

#[tokio::test]
async fn not_found_from_payments_is_answered_with_503() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("authorise", &[UndocumentedProblem(404, "not-found")]);
        let (status, problem) = post(&orders, "key", &request()).await;
        assert_eq!((status, kind(&problem)), (503, "unavailable"));
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}

#[tokio::test]
async fn order_fails_if_its_units_are_no_longer_held() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.hold_for(1);
        assert_eq!(post(&orders, "key", &request()).await.0, 503);
        assert_eq!(last(&orders, &neighbours).await["status"], "failed");
        assert_eq!(neighbours.state(), (vec!["released"], vec!["voided"], 0));

        // The reservation expires while the payment is authorised.
        neighbours.hold_for(60);
        neighbours.set_faults("authorise", &[SlowAnswer]);
        assert_eq!(post(&orders, "other", &request()).await.0, 503);
        assert_eq!(neighbours.state(), (vec!["released"; 2], vec!["voided"; 2], 0));
    }
}

/// A confirmed order is not taken back if a service does not answer.
#[tokio::test]
async fn confirmed_order_is_completed_later() {
    for (orders, neighbours, _database) in worlds().await {
        for (step, state) in [
            ("commit", ("held", "authorised")),
            ("capture", ("committed", "authorised")),
        ] {
            for fault in [NoAnswer, ServerError] {
                let (mut reservations, mut payments, cleared) = neighbours.state();
                reservations.sort_unstable();
                neighbours.set_faults(step, &[fault, fault]);
                let key = format!("{step}-{fault:?}");
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

                // A repeated request completes the order.
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
async fn order_is_completed_although_its_cart_cannot_be_cleared() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("clear", &[ServerError, ServerError]);
        let (status, order) = post(&orders, "key", &request()).await;
        assert_eq!((status, &order["status"]), (201, &json!("completed")));
        assert_eq!(neighbours.state().2, 0);
        // What is still in the cart cannot be ordered again. The next request for the order removes it.
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

/// After that the key is free again.
#[tokio::test]
async fn failed_order_is_undone_by_repeated_requests() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("authorise", &[LateAnswer; 4]);
        neighbours.set_faults("release", &[ServerError; 2]);
        let first = post(&orders, "key", &request()).await;
        assert_eq!(first.0, 503);
        assert_eq!(neighbours.state(), (vec!["held"], vec!["authorised"], 0));

        // The circuit of a service that has failed repeatedly is open for a moment.
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
async fn rejected_order_is_undone_by_a_repeated_request() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("authorise", &[Rejects("card-declined")]);
        neighbours.set_faults("release", &[ServerError, ServerError]);
        let first = post(&orders, "key", &request()).await;
        assert_eq!(first.0, 402);
        assert_eq!(neighbours.state().0, ["held"]);
        assert_eq!(post(&orders, "key", &request()).await, first);
        assert_eq!(neighbours.state(), (vec!["released"], vec![], 0));
    }
}

/// A closed connection or a short deadline does not stop the order.
#[tokio::test]
async fn order_is_completed_after_its_caller_hangs_up() {
    for (orders, neighbours, _database) in worlds().await {
        for (number, deadline) in ["60000", "20"].into_iter().enumerate() {
            neighbours.set_faults("reserve", &[SlowAnswer]);
            neighbours.set_faults("authorise", &[SlowAnswer]);
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

#[tokio::test]
async fn status_is_saved_before_the_next_step() {
    let saved = [
        ("reserve", "placed"),
        ("authorise", "reserved"),
        ("commit", "confirmed"),
        ("capture", "confirmed"),
    ];
    for (orders, neighbours, _database) in worlds().await {
        for (step, status) in saved {
            let calls = neighbours.calls(step).len();
            neighbours.set_faults(step, &[SlowAnswer]);
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
