//! Concurrent requests at two replicas. On PostgreSQL they really run in parallel.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use crate::{assert_sound, commit, hold, inventories, kind, put_stock, put_stock_at, request, restock, start, stock};

/// Fifty buyers at two replicas. `STOA_RACE_ROUNDS` sets the number of rounds.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn last_unit_is_reserved_by_one_of_fifty_buyers() {
    let rounds = std::env::var("STOA_RACE_ROUNDS").map_or(5, |rounds| rounds.parse().expect("a number"));
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        for round in 0..rounds {
            let sku = format!("mug-{round}");
            put_stock(&inventory, &sku, 1).await;
            let body = request(&[(sku.as_str(), 1)]);
            let buyers = (0..50).map(async |buyer| {
                let replica = if buyer % 2 == 0 { &*inventory } else { &other };
                let (status, answer) = replica.post("/reservations", &format!("{sku}-{buyer}"), &body).await;
                match status.as_u16() {
                    201 => true,
                    409 if kind(&answer) == "urn:problem:out-of-stock" => false,
                    _ => panic!("{status}: {answer}"),
                }
            });
            let won = join_all(buyers).await.into_iter().filter(|won| *won).count();
            assert_eq!(won, 1, "round {round}");
            assert_eq!(stock(&inventory, &sku).await, [1, 1, 0]);
        }
        assert_sound(&inventory).await;
    }
}

/// Two replicas plan over three locations whose units are sold one by one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn last_units_of_several_locations_are_sold_once() {
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        for location in ["main", "berlin", "paris"] {
            put_stock_at(&inventory, "mug", location, 5).await;
        }
        let body = request(&[("mug", 2)]);
        let buyers = (0..20).map(async |buyer| {
            let replica = if buyer % 2 == 0 { &*inventory } else { &other };
            let (status, answer) = replica.post("/reservations", &format!("{buyer}"), &body).await;
            assert!(status == 201 || kind(&answer) == "urn:problem:out-of-stock", "{answer}");
            status == 201
        });
        let won = join_all(buyers).await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 7);
        assert_eq!(stock(&inventory, "mug").await, [15, 14, 1]);
        assert_sound(&inventory).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_requests_with_one_key_reserve_once() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 20).await;
        let body = request(&[("mug", 1)]);
        let answers = join_all((0..20).map(|_| inventory.post("/reservations", "one", &body))).await;
        assert_eq!(answers[0].0, 201);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(stock(&inventory, "mug").await, [20, 1, 19]);
    }
}

/// Lines in different orders, among overdue reservations.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reservations_with_lines_in_any_order_do_not_deadlock() {
    const SKUS: [&str; 4] = ["bowl", "lamp", "mug", "vase"];
    for inventory in inventories().await {
        for sku in SKUS {
            put_stock(&inventory, sku, 50).await;
        }
        let lines = |turn: usize| {
            let mut lines = SKUS.map(|sku| (sku, 1));
            lines.rotate_left(turn % SKUS.len());
            lines
        };
        for number in 0..10 {
            let mut body = request(&lines(number)[..2]);
            body["expires_in_seconds"] = json!(60);
            hold(&inventory, &format!("overdue-{number}"), &body).await;
        }
        inventory.clock.advance(TimeDelta::seconds(60));

        let buyers = (0..50).map(async |number| {
            let key = format!("buyer-{number}");
            let (status, reservation) = inventory.post("/reservations", &key, &request(&lines(number))).await;
            assert_eq!(status, 201, "{reservation}");
            format!("/reservations/{}", reservation["id"].as_str().unwrap())
        });
        let held = join_all(buyers).await;
        for sku in SKUS {
            assert_eq!(stock(&inventory, sku).await, [50, 50, 0]);
        }
        join_all(
            held.iter()
                .enumerate()
                .map(async |(number, reservation)| match number % 2 {
                    0 => assert_eq!(commit(&inventory, reservation).await.0, 200),
                    _ => assert_eq!(inventory.delete(reservation).await.0, 200),
                }),
        )
        .await;
        for sku in SKUS {
            assert_eq!(stock(&inventory, sku).await, [25, 0, 25]);
        }
        assert_sound(&inventory).await;
    }
}

/// A commit and a release of the same reservation: one succeeds, and the stock agrees with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reservation_is_committed_or_released_and_never_both() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 10).await;
        let mut on_hand = 10;
        for number in 0..10 {
            let reservation = hold(&inventory, &format!("key-{number}"), &request(&[("mug", 1)])).await;
            let (committed, released) = tokio::join!(commit(&inventory, &reservation), inventory.delete(&reservation));
            assert_ne!(committed.0 == 200, released.0 == 200);
            on_hand -= u64::from(committed.0 == 200);
            assert_eq!(stock(&inventory, "mug").await, [on_hand, 0, on_hand]);
        }
    }
}

/// Two replicas receive the same return under different keys.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn shipped_units_are_restocked_once() {
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        put_stock(&inventory, "mug", 3).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 1)])).await;
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        let restocks = (0..10).map(async |number| {
            let replica = if number % 2 == 0 { &*inventory } else { &other };
            restock(replica, &format!("back-{number}"), &[("mug", 1)]).await.0
        });
        let statuses = join_all(restocks).await;
        assert_eq!(
            statuses.iter().filter(|status| **status == 201).count(),
            1,
            "{statuses:?}"
        );
        assert_eq!(stock(&inventory, "mug").await, [3, 0, 3]);
        assert_sound(&inventory).await;
    }
}

/// Stock is counted while shoppers buy.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stock_count_never_removes_reserved_units() {
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        for round in 0..5 {
            let sku = format!("mug-{round}");
            put_stock(&inventory, &sku, 20).await;
            let (body, count) = (request(&[(sku.as_str(), 1)]), json!({ "sku": sku, "on_hand": 5 }));
            let buyers = (0..20).map(async |buyer| {
                let replica = if buyer % 2 == 0 { &*inventory } else { &other };
                let (status, answer) = replica.post("/reservations", &format!("{sku}-{buyer}"), &body).await;
                assert!(status == 201 || kind(&answer) == "urn:problem:out-of-stock", "{answer}");
                u64::from(status == 201)
            });
            let counts = (0..10).map(async |number| {
                let replica = if number % 2 == 0 { &*inventory } else { &other };
                let (status, answer) = replica.put(&format!("/stock/{sku}"), &count).await;
                assert!(status == 200 || kind(&answer) == "urn:problem:reserved", "{answer}");
            });
            let (won, _) = tokio::join!(join_all(buyers), join_all(counts));
            let [on_hand, reserved, available] = stock(&inventory, &sku).await;
            assert_eq!(reserved, won.into_iter().sum::<u64>());
            assert_eq!(on_hand, reserved + available);
        }
        assert_sound(&inventory).await;
    }
}

/// A late commit of an expired reservation competes with other buyers.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unit_of_an_expired_reservation_is_sold_once() {
    for inventory in inventories().await {
        let (other, other_clock) = start(&inventory.database.url, 3_600_000).await;
        for round in 0..10 {
            let sku = format!("mug-{round}");
            put_stock(&inventory, &sku, 1).await;
            let mut body = request(&[(sku.as_str(), 1)]);
            body["expires_in_seconds"] = json!(60);
            let late = hold(&inventory, &format!("{sku}-late"), &body).await;
            inventory.clock.advance(TimeDelta::seconds(60));
            other_clock.advance(TimeDelta::seconds(60));
            let buyers = (0..6).map(async |buyer| {
                let replica = if buyer % 2 == 0 { &*inventory } else { &other };
                let (status, _) = replica.post("/reservations", &format!("{sku}-{buyer}"), &body).await;
                status == 201
            });
            let (sold, (committed, _)) = tokio::join!(join_all(buyers), commit(&other, &late));
            let won = sold.into_iter().filter(|won| *won).count();
            assert_eq!(won + usize::from(committed == 200), 1, "round {round}");
            let expected = if committed == 200 { [0, 0, 0] } else { [1, 1, 0] };
            assert_eq!(stock(&inventory, &sku).await, expected);
        }
        assert_sound(&inventory).await;
    }
}

/// Each order needs the last units of two SKUs, in one order or the other: one order gets both.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn last_units_of_two_skus_go_to_one_order() {
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        for round in 0..10 {
            let (mug, bowl) = (format!("mug-{round}"), format!("bowl-{round}"));
            put_stock(&inventory, &mug, 1).await;
            put_stock(&inventory, &bowl, 1).await;
            let buyers = (0..8).map(async |buyer| {
                let mut lines = [(mug.as_str(), 1), (bowl.as_str(), 1)];
                lines.rotate_left(buyer % 2);
                let replica = if buyer % 4 < 2 { &*inventory } else { &other };
                let key = format!("{round}-{buyer}");
                replica.post("/reservations", &key, &request(&lines)).await.0 == 201
            });
            let won = join_all(buyers).await.into_iter().filter(|won| *won).count();
            assert_eq!(won, 1, "round {round}");
            for sku in [&mug, &bowl] {
                assert_eq!(stock(&inventory, sku).await, [1, 1, 0]);
            }
        }
        assert_sound(&inventory).await;
    }
}
