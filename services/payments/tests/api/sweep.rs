//! What is kept for a time only.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use storage::{Db, Error, clock, execute};
use testkit::databases;
use uuid::Uuid;

use crate::{GOOD, PATIENT, authorise, method, till_of};
use payments::provider::Settings;

/// When things happened.
struct Times {
    /// That are kept for a day
    day: DateTime<Utc>,
    /// That are kept for a month
    month: DateTime<Utc>,
}

/// Dates a payment with its method, client and a webhook, and a method that nothing was paid with.
async fn date(db: &Db, payment: &str, unused: &str, times: &Times) -> Result<(), Error> {
    let id: Uuid = payment.trim_start_matches("/payments/").parse().expect("an id");
    let mut tx = db.begin().await?;
    let sql = "update payment_methods set created_at = $1 where id = $2 or used";
    execute!(&mut tx, sql, times.day, unused)?;
    let sql = "update payments set created_at = $1, client = '192.0.2.1' where id = $2";
    execute!(&mut tx, sql, times.day, id)?;
    let sql = "insert into webhooks (provider, id, payment_id, received_at) values ('test', $1, $2, $3)";
    execute!(&mut tx, sql, unused, id, times.month)?;
    tx.commit().await
}

/// How many methods, webhooks and payments' clients are kept.
async fn kept(db: &Db) -> (i64, i64, i64) {
    let sql = "select (select count(*) from payment_methods), (select count(*) from webhooks where id like 'pm_%'),
        (select count(*) from payments where client is not null)";
    storage::fetch_one!(db, sql).expect("counts")
}

#[tokio::test]
async fn what_is_old_is_swept_at_the_start() {
    for database in databases().await {
        let db = {
            let till = till_of(&database, &Settings::test(), PATIENT).await;
            let db = Db::open(database.url.clone()).await.expect("a database");
            let (now, hour) = (clock::now(), TimeDelta::hours(1));
            for ago in [hour, -hour] {
                let times = Times {
                    day: now - TimeDelta::days(1) - ago,
                    month: now - TimeDelta::days(30) - ago,
                };
                let payment = authorise(&till).await;
                let unused = method(&till, GOOD).await;
                date(&db, &payment, &unused, &times).await.expect("written");
            }
            db
        };
        assert_eq!(kept(&db).await, (4, 2, 2));
        let _till = till_of(&database, &Settings::test(), PATIENT).await;
        // Methods that something was paid with stay, however old they are.
        let left = (3, 1, 1);
        for _ in 0..1000 {
            if kept(&db).await == left {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(kept(&db).await, left);
    }
}
