//! Orders that were saved before columns were renamed, or under looser rules.

use serde_json::json;
use storage::{Db, Error, Json, execute, migrate, migrations};
use uuid::Uuid;
use values::Clock;

use crate::neighbours::Neighbours;
use crate::{post, request, start, worlds};

/// Inserts an order as the version before `0011_plain_names` did.
async fn insert(db: &Db, id: Uuid, number: &str, status: &str) -> Result<(), Error> {
    let sql = "insert into orders (id, number, status, email, address, lines, shipping, currency, subtotal, tax, total,
        payment_method, refusal, open, leased_until, due_at, placed_at, action)
        values ($1, $2, $3, 'ada@example.org', $4, $5, $6, 'EUR', 100, 16, 100, 'pm_1', $7, $8, $9, $9, $9, $10)";
    let euro = json!({ "minor": 100, "currency": "EUR" });
    let address = json!({
        "name": "Ada Lovelace", "line1": "1 rue de la Paix", "line2": null,
        "city": "Paris", "postal_code": "75002", "country": "FR",
    });
    let lines = json!([{ "sku": "mug", "title": "Mug", "quantity": 1, "unit_price": euro, "total": euro }]);
    let shipping = json!({ "method": "express", "name": "Express delivery", "price": euro });
    let is_open = status == "authenticating";
    let action = is_open.then_some("http://bank.example/confirm");
    let refusal = (!is_open).then(|| {
        let detail = "The bank did not confirm this payment.";
        Json(json!({ "type": "urn:problem:card-declined", "title": "Card declined", "status": 402, "detail": detail }))
    });
    let (address, lines, shipping, now) = (Json(address), Json(lines), Json(shipping), Clock::system().now());
    let mut tx = db.begin().await?;
    execute!(
        &mut tx, sql, id, number, status, address, lines, shipping, refusal, is_open, now, action
    )?;
    tx.commit().await
}

#[tokio::test]
async fn orders_from_before_columns_were_renamed_can_be_read() {
    for database in testkit::databases().await {
        let db = Db::open(database.url.clone()).await.expect("a database");
        let before = migrations![
            "0001_orders",
            "0002_worker",
            ::events::OUTBOX,
            "0003_webhooks",
            "0004_authentication",
            ::events::INBOX,
            "0005_quotes",
            "0006_carts",
            "0007_waiting",
            "0008_scarcity",
            "0009_cards",
            "0010_payment_pages",
        ];
        migrate(&db, before).await.expect("the former migrations");
        let (unpaid, rejected) = (Uuid::now_v7(), Uuid::now_v7());
        insert(&db, unpaid, "S-00000001", "authenticating")
            .await
            .expect("an order");
        insert(&db, rejected, "S-00000002", "rejected").await.expect("an order");
        drop(db);

        let neighbours = Neighbours::start().await;
        let orders = start(&database.url, &neighbours.url()).await;
        let (_, page) = orders.get("/orders?in_progress=true").await;
        let [order] = page["items"].as_array().expect("orders").as_slice() else {
            panic!("not one order: {page}")
        };
        assert_eq!(
            (&order["id"], &order["status"]),
            (&json!(unpaid), &json!("awaiting_payment"))
        );
        assert_eq!(order["redirect_url"], "http://bank.example/confirm");
        let (_, order) = orders.get(&format!("/orders/{rejected}")).await;
        assert_eq!(order["reason"], "The bank did not confirm this payment.");
        assert_eq!(order["redirect_url"], json!(null));
    }
}

#[tokio::test]
async fn orders_from_before_stricter_rules_can_be_read() {
    for (orders, _neighbours, database) in worlds().await {
        let (status, placed) = post(&orders, "key", &request()).await;
        assert_eq!(status, 201, "{placed}");
        let (email, name) = ("ada(home)@-example.org", " =Ada\u{200b}");
        let mut address = placed["address"].clone();
        address["name"] = json!(name);
        let db = Db::open(database.url.clone()).await.expect("a database");
        let mut tx = db.begin().await.expect("a transaction");
        execute!(
            &mut tx,
            "update orders set email = $1, address = $2",
            email,
            Json(address)
        )
        .expect("the order");
        tx.commit().await.expect("done");
        let path = format!("/orders/{}", placed["id"].as_str().expect("an id"));
        let (status, order) = orders.get(&path).await;
        assert_eq!(
            (status.as_u16(), &order["email"], &order["address"]["name"]),
            (200, &json!(email), &json!(name))
        );
    }
}
