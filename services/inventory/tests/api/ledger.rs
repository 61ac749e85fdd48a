use serde_json::{Value, json};
use storage::{Db, execute};

use crate::{ORDER, assert_sound, commit, hold, inventories, movements, put_stock, put_stock_at, request, restock};

#[tokio::test]
async fn every_change_is_in_the_ledger() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 5).await;
        put_stock(&inventory, "mug", 5).await;
        put_stock(&inventory, "mug", 4).await;
        put_stock_at(&inventory, "mug", "berlin", 1).await;
        let taken = hold(&inventory, "taken", &request(&[("mug", 2)])).await;
        commit(&inventory, &taken).await;
        let released = hold(&inventory, "released", &request(&[("mug", 3)])).await;
        inventory.delete(&released).await;
        restock(&inventory, "back", &[("mug", 1)]).await;

        let happened = movements(&inventory, "mug").await;
        let listed: Vec<(&str, &str, i64, i64)> = happened.iter().map(|(a, b, c, d)| (&**a, &**b, *c, *d)).collect();
        assert_eq!(
            listed,
            [
                ("counted", "main", 5, 0),
                ("counted", "main", -1, 0),
                ("counted", "berlin", 1, 0),
                ("reserved", "main", 0, 2),
                ("shipped", "main", -2, -2),
                ("reserved", "main", 0, 2),
                ("reserved", "berlin", 0, 1),
                ("released", "main", 0, -2),
                ("released", "berlin", 0, -1),
                ("restocked", "main", 1, 0),
            ]
        );
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn movements_are_listed_in_pages() {
    for inventory in inventories().await {
        for on_hand in 1..=5 {
            put_stock(&inventory, "mug", on_hand).await;
            put_stock(&inventory, "bowl", on_hand).await;
        }
        let reservation = hold(&inventory, "key", &request(&[("mug", 1), ("bowl", 1)])).await;
        let ids = |page: &Value| -> Vec<String> {
            let items = page["items"].as_array().expect("movements").iter();
            items.map(|item| item["id"].to_string()).collect()
        };
        let (_, all) = inventory.get("/movements?sku=mug").await;
        assert_eq!((ids(&all).len(), &all["next"]), (6, &Value::Null));
        let (mut after, mut found) = (String::new(), Vec::new());
        loop {
            let (_, page) = inventory.get(&format!("/movements?sku=mug&limit=3{after}")).await;
            found.extend(ids(&page));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(found, ids(&all));

        let count = async |query: &str| ids(&inventory.get(&format!("/movements?{query}")).await.1).len();
        assert_eq!(count("").await, 12);
        assert_eq!(count(&format!("order={ORDER}")).await, 2);
        assert_eq!(count(&format!("order={ORDER}&sku=mug")).await, 1);
        assert_eq!(count("sku=unknown").await, 0);
        let (_, page) = inventory.get(&format!("/movements?order={ORDER}")).await;
        assert_eq!(page["items"][0]["reservation"], reservation["/reservations/".len()..]);
        for wrong in ["limit=0", "limit=1001", "limit=x", "after=1", "sku=%00", "order=1"] {
            assert_eq!(inventory.get(&format!("/movements?{wrong}")).await.0, 400, "{wrong}");
        }
    }
}

/// The check finds stock that was changed without a movement.
#[tokio::test]
async fn differences_between_stock_and_ledger_are_listed() {
    for inventory in inventories().await {
        for sku in ["bowl", "lamp", "mug", "vase"] {
            put_stock(&inventory, sku, 5).await;
        }
        hold(&inventory, "key", &request(&[("vase", 2)])).await;
        assert_sound(&inventory).await;

        let db = Db::open(inventory.database.url.clone()).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        execute!(&mut tx, "update shelves set on_hand = 6 where sku = 'bowl'").unwrap();
        execute!(&mut tx, "update stock set on_hand = 4 where sku = 'mug'").unwrap();
        execute!(&mut tx, "delete from allocations where sku = 'vase'").unwrap();
        tx.commit().await.unwrap();

        let found = |page: &Value| -> Vec<(Value, Value)> {
            let items = page["items"].as_array().expect("differences").iter();
            items
                .map(|item| (item["sku"].clone(), item["location"].clone()))
                .collect()
        };
        let (_, page) = inventory.get("/ledger/differences?limit=3").await;
        assert_eq!(
            found(&page),
            [(json!("bowl"), json!("main")), (json!("mug"), Value::Null)]
        );
        assert_eq!((&page["checked"], &page["next"]), (&json!(3), &json!("mug")));
        let (_, page_of_all) = inventory.get("/ledger/differences?limit=4").await;
        assert_eq!(
            (&page_of_all["checked"], &page_of_all["next"]),
            (&json!(4), &Value::Null)
        );
        assert_eq!(
            page["items"][0],
            json!({
                "sku": "bowl", "location": "main", "held": 0,
                "stock": { "on_hand": 6, "reserved": 0 }, "ledger": { "on_hand": 5, "reserved": 0 },
            })
        );
        let (_, page) = inventory.get("/ledger/differences?limit=3&after=mug").await;
        assert_eq!(
            found(&page),
            [(json!("vase"), json!("main")), (json!("vase"), Value::Null)]
        );
        assert_eq!((&page["checked"], &page["next"]), (&json!(1), &Value::Null));
        for wrong in ["limit=0", "after=%00"] {
            assert_eq!(inventory.get(&format!("/ledger/differences?{wrong}")).await.0, 400);
        }
    }
}
