//! The retention of data.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use storage::{Db, Error, execute};
use testkit::databases;
use uuid::Uuid;
use values::Clock;

use crate::{GOOD, IDLE_WORKER, app_with_settings, authorise, create_method};
use payments::provider::Settings;

/// Creation times.
struct Times {
    /// Of data with a retention of one day
    day: DateTime<Utc>,
    /// Of data with a retention of 30 days
    month: DateTime<Utc>,
}

/// Backdates a payment with its method, client and a webhook, and an unused payment method.
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

/// The number of payment methods, webhooks and clients.
async fn kept(db: &Db) -> (i64, i64, i64) {
    let sql = "select (select count(*) from payment_methods), (select count(*) from webhooks where id like 'pm_%'),
        (select count(*) from payments where client is not null)";
    storage::fetch_one!(db, sql).expect("counts")
}

#[tokio::test]
async fn data_after_its_retention_is_deleted_at_the_start() {
    for database in databases().await {
        let db = {
            let app = app_with_settings(&database, &Settings::test(), IDLE_WORKER).await;
            let db = Db::open(database.url.clone()).await.expect("a database");
            let (now, hour) = (Clock::system().now(), TimeDelta::hours(1));
            for ago in [hour, -hour] {
                let times = Times {
                    day: now - TimeDelta::days(1) - ago,
                    month: now - TimeDelta::days(30) - ago,
                };
                let payment = authorise(&app).await;
                let unused = create_method(&app, GOOD).await;
                date(&db, &payment, &unused, &times).await.expect("written");
            }
            db
        };
        assert_eq!(kept(&db).await, (4, 2, 2));
        let _app = app_with_settings(&database, &Settings::test(), IDLE_WORKER).await;
        // Payment methods that a payment uses are kept.
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
