//! Orders on account: no provider is needed, and what is owed is limited.

use futures_util::future::join_all;
use payments::provider::{Name, Settings};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Database, databases};
use uuid::Uuid;

use crate::{PATIENT, Till, capture, change, kind, pointer, refund, request, till_of};

fn settings() -> Settings {
    let mut settings = Settings {
        offered: vec![Name::Invoice],
        ..Settings::test()
    };
    settings.invoice.account_holder = Some("Stoa".to_owned());
    settings.invoice.iban = Some("DE89 3704 0044 0532 0130 00".parse().expect("an IBAN"));
    settings
}

async fn tills() -> Vec<(Till, Database)> {
    let mut tills = Vec::new();
    for database in databases().await {
        tills.push((till_of(&database, &settings(), PATIENT).await, database));
    }
    tills
}

async fn wish(till: &Till) -> Value {
    let (status, method) = till
        .post("/payment-methods", "any", &json!({ "provider": "invoice" }))
        .await;
    assert_eq!((status.as_u16(), &method["type"]), (201, &json!("invoice")));
    let mut wish = request(Uuid::new_v4(), method["id"].as_str().expect("an id"));
    wish["order_number"] = json!("S-7K3M9QXD");
    wish
}

/// Asks for a payment, as that client.
async fn pay(till: &Till, client: &str, wish: &Value) -> (u16, Value) {
    let request = till
        .request(Method::POST, "/payments")
        .header("forwarded", format!("for={client}"));
    let request = request.header("idempotency-key", Uuid::new_v4().to_string()).json(wish);
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

async fn owed(till: &Till) -> Vec<Value> {
    till.get("/payments?owed=true").await.1["items"]
        .as_array()
        .expect("a list")
        .clone()
}

#[tokio::test]
async fn an_order_is_owed_until_it_is_marked_as_paid() {
    for (till, _database) in tills().await {
        let (status, payment) = pay(&till, "192.0.2.1", &wish(&till).await).await;
        assert_eq!((status, &payment["status"]), (201, &json!("authorised")), "{payment}");
        let transfer = &payment["transfer"];
        assert_eq!(
            (&transfer["account_holder"], &transfer["iban"], &transfer["reference"]),
            (&json!("Stoa"), &json!("DE89370400440532013000"), &json!("S-7K3M9QXD"))
        );
        let time = |value: &Value| {
            value
                .as_str()
                .unwrap()
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap()
        };
        assert_eq!(
            (time(&transfer["due_at"]) - time(&payment["created_at"])).num_days(),
            14
        );

        // Whoever sees the transfer finds the payment by what stands on it.
        let (_, found) = till.get("/payments?order_number=S-7K3M9QXD").await;
        assert_eq!(found["items"][0]["id"], payment["id"]);
        assert_eq!(owed(&till).await.len(), 1);
        let path = format!("/payments/{}", payment["id"].as_str().unwrap());
        for _ in 0..2 {
            assert_eq!(change(&till, &path, "capture").await.1["status"], "captured");
        }
        assert!(owed(&till).await.is_empty());
        assert_eq!(refund(&till, &path, "key", 800).await.0, 201);
        assert_eq!(till.get(&path).await.1["refunded"]["minor"], 800);
    }
}

#[tokio::test]
async fn a_part_may_be_taken_and_nothing_at_all() {
    for (till, _database) in tills().await {
        let path = |payment: &Value| format!("/payments/{}", payment["id"].as_str().unwrap());
        let (_, part) = pay(&till, "192.0.2.1", &wish(&till).await).await;
        assert_eq!(capture(&till, &path(&part), 4000).await.1["captured"]["minor"], 4000);
        assert_eq!(refund(&till, &path(&part), "key", 4001).await.0, 422);
        let (_, none) = pay(&till, "192.0.2.1", &wish(&till).await).await;
        assert_eq!(change(&till, &path(&none), "void").await.1["status"], "voided");
        assert!(owed(&till).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_owes_few_orders_at_a_time() {
    for (till, _database) in tills().await {
        let mut wishes = Vec::new();
        for _ in 0..24 {
            wishes.push(wish(&till).await);
        }
        let (at_once, in_turn) = wishes.split_at(12);
        let mut answers = join_all(at_once.iter().map(|wish| pay(&till, "192.0.2.1", wish))).await;
        for wish in in_turn {
            answers.push(pay(&till, "192.0.2.1", wish).await);
        }
        let granted: Vec<_> = answers.iter().filter(|(status, _)| *status == 201).collect();
        assert_eq!(granted.len(), 5, "{answers:?}");
        for (status, problem) in answers.iter().filter(|(status, _)| *status != 201) {
            assert_eq!((*status, kind(problem)), (402, "urn:problem:invoice-declined"));
            assert!(problem["detail"].as_str().unwrap().contains("another way to pay"));
        }
        // Others are not meant, and whoever pays may go on.
        assert_eq!(pay(&till, "192.0.2.2", &wish(&till).await).await.0, 201);
        let paid = format!("/payments/{}", granted[0].1["id"].as_str().unwrap());
        assert_eq!(change(&till, &paid, "capture").await.0, 200);
        assert_eq!(pay(&till, "192.0.2.1", &wish(&till).await).await.0, 201);
        assert_eq!(pay(&till, "192.0.2.1", &wish(&till).await).await.0, 402);
    }
}

#[tokio::test]
async fn too_much_is_not_owed() {
    for (till, _database) in tills().await {
        let offered = async |amount: &str| {
            let (_, options) = till.get(&format!("/payment-options?{amount}")).await;
            options["items"].as_array().expect("a list").len()
        };
        assert_eq!(offered("amount=50000&currency=EUR").await, 1);
        assert_eq!(offered("amount=50001&currency=EUR").await, 0);
        assert_eq!(offered("amount=80000&currency=JPY").await, 1);
        assert_eq!(offered("amount=150001&currency=KWD").await, 0);
        assert_eq!(offered("").await, 1);
        for bad in [
            "amount=0&currency=EUR",
            "amount=1&currency=eur",
            "amount=x",
            "amounts=1",
        ] {
            assert_eq!(till.get(&format!("/payment-options?{bad}")).await.0, 400, "{bad}");
        }
        let mut wish = wish(&till).await;
        wish["amount"]["minor"] = json!(50_001);
        assert_eq!(pay(&till, "192.0.2.1", &wish).await.0, 402);
    }
}

#[tokio::test]
async fn what_is_owed_is_listed_page_by_page_the_longest_due_first() {
    for (till, _database) in tills().await {
        let mut made = Vec::new();
        for number in 0..5 {
            let (_, payment) = pay(&till, &format!("192.0.2.{number}"), &wish(&till).await).await;
            made.push(payment["id"].clone());
        }
        let (mut listed, mut after) = (Vec::new(), String::new());
        loop {
            let (_, page) = till.get(&format!("/payments?owed=true&limit=2{after}")).await;
            listed.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|payment| payment["id"].clone()),
            );
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(listed, made);
    }
}

#[tokio::test]
async fn what_is_missing_is_said_at_the_start() {
    let database = databases().await.remove(0);
    let db = storage::Db::open(database.url.clone()).await.unwrap();
    let without = |change: fn(&mut Settings)| {
        let mut settings = settings();
        change(&mut settings);
        settings.open(&db, "secret".into()).err()
    };
    assert_eq!(without(|_| {}), None);
    for (name, change) in [
        (
            "STOA_INVOICE_IBAN",
            (|settings| settings.invoice.iban = None) as fn(&mut Settings),
        ),
        ("STOA_INVOICE_ACCOUNT_HOLDER", |settings| {
            settings.invoice.account_holder = Some(" ".to_owned());
        }),
        ("STOA_PAYMENT_PROVIDERS", |settings| settings.offered.clear()),
    ] {
        let said = without(change).expect("refused");
        assert!(said.starts_with(name) && !said.contains('\n'), "{said}");
    }
    // Who offers no invoices needs no account.
    assert_eq!(
        without(|settings| {
            settings.offered = vec![Name::Test];
            settings.invoice.iban = None;
        }),
        None
    );
    let (till, _database) = tills().await.remove(0);
    let wish = json!({ "provider": "stripe" });
    let (status, problem) = till.post("/payment-methods", "any", &wish).await;
    assert_eq!((status.as_u16(), pointer(&problem)), (422, "#/provider"));
}
