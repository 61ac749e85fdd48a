//! Many at once. On PostgreSQL these really run at the same time.

use futures_util::future::join_all;
use serde_json::json;

use crate::{assert_sound, commit, hold, inventories, kind, put_stock, put_stock_at, request, restock, start, stock};

/// Fifty buyers at two replicas. `STOA_RACE_ROUNDS=100` runs it as often.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_buyers_one_gets_the_last_unit() {
    let rounds = std::env::var("STOA_RACE_ROUNDS").map_or(5, |rounds| rounds.parse().expect("a number"));
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        for round in 0..rounds {
            let sku = format!("mug-{round}");
            put_stock(&inventory, &sku, 1).await;
            let wish = request(&[(sku.as_str(), 1)]);
            let buyers = (0..50).map(async |buyer| {
                let replica = if buyer % 2 == 0 { &*inventory } else { &other };
                let (status, answer) = replica.post("/reservations", &format!("{sku}-{buyer}"), &wish).await;
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

/// Units at several locations are gone one by one, and the plans of two replicas with them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_units_of_several_locations_are_sold_once() {
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        for location in ["main", "berlin", "paris"] {
            put_stock_at(&inventory, "mug", location, 5).await;
        }
        let wish = request(&[("mug", 2)]);
        let buyers = (0..20).map(async |buyer| {
            let replica = if buyer % 2 == 0 { &*inventory } else { &other };
            let (status, answer) = replica.post("/reservations", &format!("{buyer}"), &wish).await;
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
async fn one_key_holds_once() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 20).await;
        let wish = request(&[("mug", 1)]);
        let answers = join_all((0..20).map(|_| inventory.post("/reservations", "one", &wish))).await;
        assert_eq!(answers[0].0, 201);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(stock(&inventory, "mug").await, [20, 1, 19]);
    }
}

/// Lines in every order, among lapsed reservations: nobody waits for another in a circle.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wishes_in_any_order_do_not_block_each_other() {
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
            let mut wish = request(&lines(number)[..2]);
            wish["expires_in_seconds"] = json!(60);
            hold(&inventory, &format!("lapsed-{number}"), &wish).await;
        }
        inventory.clock.advance(60);

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

/// A commit and a release of one reservation: one wins, and the stock agrees with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reservation_ends_once() {
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

/// Two replicas are told of the same return under two keys: it comes back once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_taken_comes_back_once() {
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        put_stock(&inventory, "mug", 3).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 1)])).await;
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        let told = (0..10).map(async |number| {
            let replica = if number % 2 == 0 { &*inventory } else { &other };
            restock(replica, &format!("back-{number}"), &[("mug", 1)]).await.0
        });
        let statuses = join_all(told).await;
        assert_eq!(
            statuses.iter().filter(|status| **status == 201).count(),
            1,
            "{statuses:?}"
        );
        assert_eq!(stock(&inventory, "mug").await, [3, 0, 3]);
        assert_sound(&inventory).await;
    }
}

/// The shelf is counted while shoppers buy: nothing that is held is counted away.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_count_takes_nothing_that_is_held() {
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        for round in 0..5 {
            let sku = format!("mug-{round}");
            put_stock(&inventory, &sku, 20).await;
            let (wish, count) = (request(&[(sku.as_str(), 1)]), json!({ "sku": sku, "on_hand": 5 }));
            let buyers = (0..20).map(async |buyer| {
                let replica = if buyer % 2 == 0 { &*inventory } else { &other };
                let (status, answer) = replica.post("/reservations", &format!("{sku}-{buyer}"), &wish).await;
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

/// A reservation has lapsed. Whoever held the unit is late and wants it after all, and so do others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lapsed_unit_goes_to_one() {
    for inventory in inventories().await {
        let (other, other_clock) = start(&inventory.database.url, 3_600_000).await;
        for round in 0..10 {
            let sku = format!("mug-{round}");
            put_stock(&inventory, &sku, 1).await;
            let mut wish = request(&[(sku.as_str(), 1)]);
            wish["expires_in_seconds"] = json!(60);
            let late = hold(&inventory, &format!("{sku}-late"), &wish).await;
            inventory.clock.advance(60);
            other_clock.advance(60);
            let buyers = (0..6).map(async |buyer| {
                let replica = if buyer % 2 == 0 { &*inventory } else { &other };
                let (status, _) = replica.post("/reservations", &format!("{sku}-{buyer}"), &wish).await;
                status == 201
            });
            let (sold, (committed, _)) = tokio::join!(join_all(buyers), commit(&other, &late));
            let won = sold.into_iter().filter(|won| *won).count();
            assert_eq!(won + usize::from(committed == 200), 1, "round {round}");
            let left = if committed == 200 { [0, 0, 0] } else { [1, 1, 0] };
            assert_eq!(stock(&inventory, &sku).await, left);
        }
        assert_sound(&inventory).await;
    }
}

/// Two last things, wanted together, and named in one order by some and in the other by others: one has both of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_last_things_are_not_torn_apart() {
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
