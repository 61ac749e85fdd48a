//! What operators and checks read: the payments of an order, all payments, and the movements that they are made of.

use serde_json::{Value, json};
use storage::Db;
use uuid::Uuid;

use crate::{DECLINED, GOOD, authorise, capture, change, method, refund, request, tills};

/// A payment's status, its totals, and the sums of its movements.
type Totals = (String, i64, i64, i64, i64, i64, i64);

#[tokio::test]
async fn the_payments_of_an_order_are_listed_newest_first() {
    for (till, _database) in tills().await {
        let order = Uuid::new_v4();
        assert_eq!(
            till.get(&format!("/payments?order={order}")).await.1["items"],
            json!([])
        );
        for (number, key) in [(DECLINED, "first"), (GOOD, "second")] {
            let wish = request(order, &method(&till, number).await);
            till.post("/payments", key, &wish).await;
        }
        authorise(&till).await;
        let (status, page) = till.get(&format!("/payments?order={order}")).await;
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
        assert_eq!(till.get("/payments?order=1").await.0, 400);
    }
}

#[tokio::test]
async fn all_payments_are_listed_page_by_page() {
    for (till, _database) in tills().await {
        let mut made = Vec::new();
        for _ in 0..5 {
            let payment = authorise(&till).await;
            capture(&till, &payment, 100).await;
            refund(&till, &payment, "key", 40).await;
            made.push(till.get(&payment).await.1);
        }
        let (mut listed, mut address) = (Vec::new(), "/payments?limit=2".to_owned());
        loop {
            let (_, page) = till.get(&address).await;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            listed.extend(items.iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            address = format!("/payments?limit=2&after={next}");
        }
        assert_eq!(listed, made);
        assert_eq!(till.get("/payments?limit=-1").await.0, 400);
    }
}

#[tokio::test]
async fn totals_can_be_recomputed_from_movements() {
    for (till, database) in tills().await {
        let payment = authorise(&till).await;
        capture(&till, &payment, 4000).await;
        for (key, minor) in [("a", 1000), ("b", 500), ("b", 500), ("c", 9999)] {
            refund(&till, &payment, key, minor).await;
        }
        change(&till, &authorise(&till).await, "void").await;
        let wish = request(Uuid::new_v4(), &method(&till, DECLINED).await);
        till.post("/payments", "declined", &wish).await;

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
