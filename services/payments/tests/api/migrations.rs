//! A database of the first version is migrated, with the payments that were in progress.

use payments::provider::Settings;
use serde_json::json;
use storage::{Db, execute};
use testkit::databases;
use uuid::Uuid;
use values::Clock;

use crate::{app_with_settings, refund, until};

const FIRST: (&str, &str) = ("0001_payments", include_str!("../../migrations/0001_payments.sql"));

#[tokio::test]
async fn payments_of_the_first_version_are_completed_after_the_migrations() {
    for database in databases().await {
        let db = Db::open(database.url.clone()).await.unwrap();
        storage::migrate(&db, &[FIRST]).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let sql =
            "insert into payment_methods (id, brand, last4, token, created_at) values ($1, 'visa', '4242', $2, $3)";
        let method = format!("pm_{}", Uuid::nil().simple());
        execute!(&mut tx, sql, method.as_str(), "tok_test_good", Clock::system().now()).unwrap();
        let mut made = Vec::new();
        for (before, intent, after, captured) in [
            ("pending", None, "authorised", 0),
            ("authorised", None, "authorised", 0),
            ("authorised", Some("capture"), "captured", 4800),
            ("authorised", Some("void"), "voided", 0),
            ("captured", None, "captured", 4800),
            ("voided", None, "voided", 0),
            ("declined", None, "declined", 0),
        ] {
            let id = Uuid::now_v7();
            let declined = (before == "declined").then_some("card");
            let sql = "insert into payments (id, idempotency_key, order_id, payment_method, amount, currency, status,
                intent, declined, created_at) values ($1, $2, $3, $4, 4800, 'EUR', $5, $6, $7, $8)";
            let (key, now) = (id.to_string(), Clock::system().now());
            execute!(
                &mut tx,
                sql,
                id,
                key,
                Uuid::new_v4(),
                method.as_str(),
                before,
                intent,
                declined,
                now
            )
            .unwrap();
            made.push((format!("/payments/{id}"), after, captured));
        }
        tx.commit().await.unwrap();

        let app = app_with_settings(&database, &Settings::test(), crate::worker::BUSY_WORKER).await;
        for (payment, status, captured) in &made {
            let found = until(&app, payment, |payment| payment["status"] == *status).await;
            assert_eq!(found["captured"]["minor"], json!(captured), "{found}");
        }
        let (taken, ..) = &made[4];
        assert_eq!(refund(&app, taken, "key", 4800).await.0, 201);
        assert_eq!(app.get(taken).await.1["status"], "refunded");
    }
}
