//! The lists for operators: the payments of an order, all payments, and movements.

use serde_json::{Value, json};
use storage::Db;
use uuid::Uuid;

use crate::{DECLINED, GOOD, apps, authorise, capture, change, create_method, payment_request, refund};

/// The status and the totals of a payment, and the sums of its movements.
type Totals = (String, i64, i64, i64, i64, i64, i64);

#[tokio::test]
async fn payments_of_an_order_are_listed_newest_first() {
    for (app, _database) in apps().await {
        let order = Uuid::new_v4();
        assert_eq!(app.get(&format!("/payments?order={order}")).await.1["items"], json!([]));
        for (number, key) in [(DECLINED, "first"), (GOOD, "second")] {
            let body = payment_request(order, &create_method(&app, number).await);
            app.post("/payments", key, &body).await;
        }
        authorise(&app).await;
        let (status, page) = app.get(&format!("/payments?order={order}")).await;
        let statuses: Vec<&Value> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| &item["status"])
            .collect();
        assert_eq!(
            (status.as_u16(), statuses),
            (200, vec![&json!("authorised"), &json!("declined")])
        );
        assert_eq!(app.get("/payments?order=1").await.0, 400);
    }
}

#[tokio::test]
async fn all_payments_are_listed_page_by_page() {
    for (app, _database) in apps().await {
        let mut made = Vec::new();
        for _ in 0..5 {
            let payment = authorise(&app).await;
            capture(&app, &payment, 100).await;
            refund(&app, &payment, "key", 40).await;
            made.push(app.get(&payment).await.1);
        }
        let (mut listed, mut address) = (Vec::new(), "/payments?limit=2".to_owned());
        loop {
            let (_, page) = app.get(&address).await;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            listed.extend(items.iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            address = format!("/payments?limit=2&after={next}");
        }
        assert_eq!(listed, made);
        assert_eq!(app.get("/payments?limit=-1").await.0, 400);
    }
}

#[tokio::test]
async fn totals_equal_the_sums_of_the_movements() {
    for (app, database) in apps().await {
        let payment = authorise(&app).await;
        capture(&app, &payment, 4000).await;
        for (key, minor) in [("a", 1000), ("b", 500), ("b", 500), ("c", 9999)] {
            refund(&app, &payment, key, minor).await;
        }
        change(&app, &authorise(&app).await, "void").await;
        let body = payment_request(Uuid::new_v4(), &create_method(&app, DECLINED).await);
        app.post("/payments", "declined", &body).await;

        let db = Db::open(database.url.clone()).await.unwrap();
        let sql = "select status, authorised, captured, refunded,
            (select cast(coalesce(sum(amount), 0) as bigint) from payment_movements
                where payment_id = id and progress = 'done' and kind = 'authorise'),
            (select cast(coalesce(sum(amount), 0) as bigint) from payment_movements
                where payment_id = id and progress = 'done' and kind = 'capture'),
            (select cast(coalesce(sum(amount), 0) as bigint) from payment_movements
                where payment_id = id and progress = 'done' and kind = 'refund')
            from payments order by id";
        let totals: Vec<Totals> = storage::fetch_all!(&db, sql).unwrap();
        let expected = [
            ("captured".to_owned(), 4800, 4000, 1500, 4800, 4000, 1500),
            ("voided".to_owned(), 4800, 0, 0, 4800, 0, 0),
            ("declined".to_owned(), 0, 0, 0, 0, 0, 0),
        ];
        assert_eq!(totals, expected);
    }
}
