//! Many at once. On PostgreSQL these really run at the same time.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::{commit, hold, inventories, put_stock, request, stock};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_buyers_one_gets_the_last_unit() {
    for (inventory, _database) in inventories().await {
        put_stock(&inventory, "mug", 1).await;
        let (keys, wish) = ((0..20).map(|buyer| format!("buyer-{buyer}")), request(&[("mug", 1)]));
        let keys: Vec<String> = keys.collect();
        let buyers = keys.iter().map(|key| inventory.post("/reservations", key, &wish));
        let statuses: Vec<u16> = join_all(buyers)
            .await
            .iter()
            .map(|(status, _)| status.as_u16())
            .collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 19);
        assert_eq!(stock(&inventory, "mug").await, [1, 1, 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_holds_once() {
    for (inventory, _database) in inventories().await {
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
    for (inventory, _database) in inventories().await {
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
            wish["expires_in_seconds"] = json!(1);
            hold(&inventory, &format!("lapsed-{number}"), &wish).await;
        }
        tokio::time::sleep(Duration::from_millis(1050)).await;

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
    }
}

/// A commit and a release of one reservation: one wins, and the stock agrees with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reservation_ends_once() {
    for (inventory, _database) in inventories().await {
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
