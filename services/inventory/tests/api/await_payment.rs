//! Reservations of unpaid orders: they expire sooner, and one client holds no more than a share.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::Running;

use crate::{assert_sound, commit, hold, inventories, put_stock, request, start, stock};

const ONE: &str = "203.0.113.7";
const OTHER: &str = "203.0.113.8";

async fn await_payment(inventory: &Running, reservation: &str, client: &str) -> Value {
    let body = json!({ "client": client, "expires_in_seconds": 180 });
    let (status, answer) = inventory.post(&format!("{reservation}/wait"), "unused", &body).await;
    assert_eq!(status, 200, "{answer}");
    answer["status"].clone()
}

#[tokio::test]
async fn unpaid_reservation_expires_sooner() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 8).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 2)])).await;
        assert_eq!(await_payment(&inventory, &reservation, ONE).await, "held");
        inventory.clock.advance(TimeDelta::seconds(179));
        // A second call does not extend it.
        assert_eq!(await_payment(&inventory, &reservation, ONE).await, "held");
        assert_eq!(stock(&inventory, "mug").await, [8, 2, 6]);
        inventory.clock.advance(TimeDelta::seconds(1));
        assert_eq!(stock(&inventory, "mug").await, [8, 0, 8]);
        assert_eq!(await_payment(&inventory, &reservation, ONE).await, "expired");
        // An order that is paid late gets the units if they are available.
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        assert_eq!(await_payment(&inventory, &reservation, ONE).await, "committed");
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn one_client_holds_a_share_of_a_sku_unpaid() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 12).await;
        let three = request(&[("mug", 3)]);
        let first = hold(&inventory, "first", &three).await;
        assert_eq!(await_payment(&inventory, &first, ONE).await, "held");
        let more = hold(&inventory, "more", &request(&[("mug", 1)])).await;
        assert_eq!(await_payment(&inventory, &more, ONE).await, "expired");
        assert_eq!(stock(&inventory, "mug").await, [12, 3, 9]);
        let others = hold(&inventory, "others", &three).await;
        assert_eq!(await_payment(&inventory, &others, OTHER).await, "held");
        // More than the share in one reservation.
        let all = hold(&inventory, "all", &request(&[("mug", 6)])).await;
        assert_eq!(await_payment(&inventory, &all, "2001:db8::").await, "expired");
        assert_eq!(stock(&inventory, "mug").await, [12, 6, 6]);
        assert_eq!(commit(&inventory, &all).await.0, 200);
        assert_eq!(
            commit(&inventory, &more).await.0,
            409,
            "the other units are held by others"
        );
        assert_sound(&inventory).await;

        put_stock(&inventory, "last", 1).await;
        let last = hold(&inventory, "last", &request(&[("last", 1)])).await;
        assert_eq!(await_payment(&inventory, &last, ONE).await, "held", "one unit at least");
        let (status, _) = inventory
            .post(&format!("{last}/wait"), "unused", &json!({ "client": "me" }))
            .await;
        assert_eq!(status, 422);
    }
}

/// Many orders of one client at two replicas hold no more than its share.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unpaid_share_holds_across_replicas() {
    for inventory in inventories().await {
        let (other, _) = start(&inventory.database.url, 3_600_000).await;
        put_stock(&inventory, "mug", 40).await;
        let mut reservations = Vec::new();
        for number in 0..20 {
            reservations.push(hold(&inventory, &format!("key-{number}"), &request(&[("mug", 2)])).await);
        }
        let pending = reservations.iter().enumerate().map(|(number, reservation)| {
            let replica = if number % 2 == 0 { &*inventory } else { &other };
            await_payment(replica, reservation, ONE)
        });
        let held = join_all(pending)
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
