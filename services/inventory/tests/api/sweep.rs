use std::time::{Duration, Instant};

use serde_json::json;

use crate::{assert_sound, hold, kinds, put_stock, request, start, stock};

/// Two replicas sweep, and nobody asks for the units.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_has_lapsed_is_freed_by_itself_and_once() {
    for database in testkit::databases().await {
        let (inventory, clock) = start(&database.url, 10).await;
        let (_other, other_clock) = start(&database.url, 10).await;
        put_stock(&inventory, "mug", 300).await;
        for number in 0..120 {
            let mut wish = request(&[("mug", 2)]);
            wish["expires_in_seconds"] = json!(60);
            hold(&inventory, &format!("lapsed-{number}"), &wish).await;
        }
        hold(&inventory, "kept", &request(&[("mug", 1)])).await;
        clock.advance(60);
        other_clock.advance(60);

        let begun = Instant::now();
        let freed = || async {
            let kinds = kinds(&inventory, "mug").await;
            kinds.iter().filter(|kind| *kind == "expired").count()
        };
        while freed().await < 120 {
            assert!(begun.elapsed() < Duration::from_secs(10), "not swept");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(freed().await, 120);
        assert_eq!(stock(&inventory, "mug").await, [300, 1, 299]);
        assert_sound(&inventory).await;
    }
}
