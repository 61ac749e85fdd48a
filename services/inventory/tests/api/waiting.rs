//! Units of orders that wait for their shoppers' banks: for a while, and no more than a share for one client.

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::Running;

use crate::{assert_sound, commit, hold, inventories, put_stock, request, start, stock};

const ONE: &str = "203.0.113.7";
const OTHER: &str = "203.0.113.8";

async fn wait(inventory: &Running, reservation: &str, client: &str) -> Value {
    let body = json!({ "client": client, "expires_in_seconds": 180 });
    let (status, answer) = inventory.post(&format!("{reservation}/wait"), "unused", &body).await;
    assert_eq!(status, 200, "{answer}");
    answer["status"].clone()
}

#[tokio::test]
async fn what_is_not_paid_is_held_for_a_short_time() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 8).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 2)])).await;
        assert_eq!(wait(&inventory, &reservation, ONE).await, "held");
        inventory.clock.advance(179);
        // Again it is not held for longer.
        assert_eq!(wait(&inventory, &reservation, ONE).await, "held");
        assert_eq!(stock(&inventory, "mug").await, [8, 2, 6]);
        inventory.clock.advance(1);
        assert_eq!(stock(&inventory, "mug").await, [8, 0, 8]);
        assert_eq!(wait(&inventory, &reservation, ONE).await, "expired");
        // Whoever pays after all gets what is still there.
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        assert_eq!(wait(&inventory, &reservation, ONE).await, "committed");
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn one_client_holds_a_share_of_a_sku_unpaid() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 12).await;
        let three = request(&[("mug", 3)]);
        let first = hold(&inventory, "first", &three).await;
        assert_eq!(wait(&inventory, &first, ONE).await, "held");
        let more = hold(&inventory, "more", &request(&[("mug", 1)])).await;
        assert_eq!(wait(&inventory, &more, ONE).await, "expired");
        assert_eq!(stock(&inventory, "mug").await, [12, 3, 9]);
        let others = hold(&inventory, "others", &three).await;
        assert_eq!(wait(&inventory, &others, OTHER).await, "held");
        // All of it, at once.
        let all = hold(&inventory, "all", &request(&[("mug", 6)])).await;
        assert_eq!(wait(&inventory, &all, "2001:db8::").await, "expired");
        assert_eq!(stock(&inventory, "mug").await, [12, 6, 6]);
        assert_eq!(commit(&inventory, &all).await.0, 200);
        assert_eq!(commit(&inventory, &more).await.0, 409, "the rest is held by others");
        assert_sound(&inventory).await;

        put_stock(&inventory, "last", 1).await;
        let last = hold(&inventory, "last", &request(&[("last", 1)])).await;
        assert_eq!(wait(&inventory, &last, ONE).await, "held", "one unit at least");
        let (status, _) = inventory
            .post(&format!("{last}/wait"), "unused", &json!({ "client": "me" }))
            .await;
        assert_eq!(status, 422);
    }
}

/// Many orders of one client at two replicas hold its share and no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_share_is_a_share_at_two_replicas() {
    for inventory in inventories().await {
        let (other, _) = start(&inventory.database.url, 3_600_000).await;
        put_stock(&inventory, "mug", 40).await;
        let mut reservations = Vec::new();
        for number in 0..20 {
            reservations.push(hold(&inventory, &format!("key-{number}"), &request(&[("mug", 2)])).await);
        }
        let waiting = reservations.iter().enumerate().map(|(number, reservation)| {
            let replica = if number % 2 == 0 { &*inventory } else { &other };
            wait(replica, reservation, ONE)
        });
        let held = join_all(waiting)
            .await
            .into_iter()
            .filter(|status| status == "held")
            .count();
        assert!((1..=5).contains(&held), "{held}");
        let [_, reserved, _] = stock(&inventory, "mug").await;
        assert_eq!(reserved, 2 * held as u64);
        assert_sound(&inventory).await;
    }
}
