//! Concurrent captures at several replicas. See `docs/attacks.md`.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use testkit::databases;

use crate::fake_provider::FakeProvider;
use crate::{app_with_provider, capture};

/// The requests have different amounts.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_captures_one_is_made() {
    for database in databases().await {
        for _ in 0..5 {
            let provider = Arc::new(FakeProvider::default());
            let apps = [
                app_with_provider(&database, provider.clone()).await,
                app_with_provider(&database, provider.clone()).await,
            ];
            let payment = crate::authorise(&apps[0]).await;
            let amounts = (0..12).map(|number| 1000 * (number % 4 + 1));
            let asked = amounts.enumerate().map(async |(number, minor)| {
                let (status, _) = capture(&apps[number % 2], &payment, minor).await;
                assert!(matches!(status, 200 | 409), "{status}");
                (minor, status)
            });
            let answers = join_all(asked).await;
            let captured = apps[1].get(&payment).await.1["captured"]["minor"].as_i64().unwrap();
            assert_eq!(provider.moved(), ["authorise", &format!("capture {captured}")]);
            // Only the requests for the captured amount succeeded.
            let amounts_with = |expected: u16| -> BTreeSet<i64> {
                let matching = answers.iter().filter(|(_, status)| *status == expected);
                matching.map(|(minor, _)| *minor).collect()
            };
            assert_eq!(amounts_with(200), BTreeSet::from([captured]));
            assert!(!amounts_with(409).contains(&captured));
        }
    }
}
