//! Money that moves once, whoever asks at once, and at whichever replica. See `docs/attacks.md`.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use testkit::databases;

use crate::bank::Bank;
use crate::{capture, till};

/// What was authorised is good for one capture. Some want all of it, and some a part.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_captures_one_is_made() {
    for database in databases().await {
        for _ in 0..5 {
            let bank = Arc::new(Bank::default());
            let tills = [till(&database, bank.clone()).await, till(&database, bank.clone()).await];
            let payment = crate::authorise(&tills[0]).await;
            let amounts = (0..12).map(|number| 1000 * (number % 4 + 1));
            let asked = amounts.enumerate().map(async |(number, minor)| {
                let (status, _) = capture(&tills[number % 2], &payment, minor).await;
                assert!(matches!(status, 200 | 409), "{status}");
                (minor, status)
            });
            let answers = join_all(asked).await;
            let captured = tills[1].get(&payment).await.1["captured"]["minor"].as_i64().unwrap();
            assert_eq!(bank.moved(), ["authorise", &format!("capture {captured}")]);
            // Who asked for that very amount was told yes, and nobody else.
            let told = |yes: u16| -> BTreeSet<i64> {
                let told = answers.iter().filter(|(_, status)| *status == yes);
                told.map(|(minor, _)| *minor).collect()
            };
            assert_eq!(told(200), BTreeSet::from([captured]));
            assert!(!told(409).contains(&captured));
        }
    }
}
