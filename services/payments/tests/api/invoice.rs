//! Payments on account, and the limits of unpaid invoices.

use futures_util::future::join_all;
use payments::provider::{ProviderName, Settings};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Database, databases};
use uuid::Uuid;

use crate::{IDLE_WORKER, TestApp, app_with_settings, capture, change, kind, payment_request, pointer, refund};

fn settings() -> Settings {
    let mut settings = Settings {
        offered: vec![ProviderName::Invoice],
        ..Settings::test()
    };
    settings.invoice.account_holder = Some("Stoa".to_owned());
    settings.invoice.iban = Some("DE89 3704 0044 0532 0130 00".parse().expect("an IBAN"));
    settings
}

async fn apps() -> Vec<(TestApp, Database)> {
    let mut apps = Vec::new();
    for database in databases().await {
        apps.push((app_with_settings(&database, &settings(), IDLE_WORKER).await, database));
    }
    apps
}

async fn invoice_request(app: &TestApp) -> Value {
    let (status, method) = app
        .post("/payment-methods", "any", &json!({ "provider": "invoice" }))
        .await;
    assert_eq!((status.as_u16(), &method["type"]), (201, &json!("invoice")));
    let mut body = payment_request(Uuid::new_v4(), method["id"].as_str().expect("an id"));
    body["order_number"] = json!("S-7K3M9QXD");
    body
}

/// Requests a payment on behalf of a client.
async fn pay(app: &TestApp, client: &str, body: &Value) -> (u16, Value) {
    let request = app
        .request(Method::POST, "/payments")
        .header("forwarded", format!("for={client}"));
    let request = request.header("idempotency-key", Uuid::new_v4().to_string()).json(body);
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

async fn outstanding(app: &TestApp) -> Vec<Value> {
    app.get("/payments?outstanding=true").await.1["items"]
        .as_array()
        .expect("a list")
        .clone()
}

#[tokio::test]
async fn invoice_is_outstanding_until_it_is_captured() {
    for (app, _database) in apps().await {
        let (status, payment) = pay(&app, "192.0.2.1", &invoice_request(&app).await).await;
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

        // The payment is found by the reference of the transfer.
        let (_, found) = app.get("/payments?order_number=S-7K3M9QXD").await;
        assert_eq!(found["items"][0]["id"], payment["id"]);
        assert_eq!(outstanding(&app).await.len(), 1);
        let path = format!("/payments/{}", payment["id"].as_str().unwrap());
        for _ in 0..2 {
            assert_eq!(change(&app, &path, "capture").await.1["status"], "captured");
        }
        assert!(outstanding(&app).await.is_empty());
        assert_eq!(refund(&app, &path, "key", 800).await.0, 201);
        assert_eq!(app.get(&path).await.1["refunded"]["minor"], 800);
    }
}

#[tokio::test]
async fn invoice_can_be_captured_in_part_or_voided() {
    for (app, _database) in apps().await {
        let path = |payment: &Value| format!("/payments/{}", payment["id"].as_str().unwrap());
        let (_, part) = pay(&app, "192.0.2.1", &invoice_request(&app).await).await;
        assert_eq!(capture(&app, &path(&part), 4000).await.1["captured"]["minor"], 4000);
        assert_eq!(refund(&app, &path(&part), "key", 4001).await.0, 422);
        let (_, none) = pay(&app, "192.0.2.1", &invoice_request(&app).await).await;
        assert_eq!(change(&app, &path(&none), "void").await.1["status"], "voided");
        assert!(outstanding(&app).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn client_has_a_limited_number_of_unpaid_invoices() {
    for (app, _database) in apps().await {
        let mut bodies = Vec::new();
        for _ in 0..24 {
            bodies.push(invoice_request(&app).await);
        }
        let (at_once, in_turn) = bodies.split_at(12);
        let mut answers = join_all(at_once.iter().map(|body| pay(&app, "192.0.2.1", body))).await;
        for body in in_turn {
            answers.push(pay(&app, "192.0.2.1", body).await);
        }
        let granted: Vec<_> = answers.iter().filter(|(status, _)| *status == 201).collect();
        assert_eq!(granted.len(), 5, "{answers:?}");
        for (status, problem) in answers.iter().filter(|(status, _)| *status != 201) {
            assert_eq!((*status, kind(problem)), (402, "urn:problem:invoice-declined"));
            assert!(problem["detail"].as_str().unwrap().contains("another way to pay"));
        }
        // Other clients are not affected, and a paid invoice makes room for another.
        assert_eq!(pay(&app, "192.0.2.2", &invoice_request(&app).await).await.0, 201);
        let paid = format!("/payments/{}", granted[0].1["id"].as_str().unwrap());
        assert_eq!(change(&app, &paid, "capture").await.0, 200);
        assert_eq!(pay(&app, "192.0.2.1", &invoice_request(&app).await).await.0, 201);
        assert_eq!(pay(&app, "192.0.2.1", &invoice_request(&app).await).await.0, 402);
    }
}

#[tokio::test]
async fn invoice_above_the_limit_is_neither_offered_nor_accepted() {
    for (app, _database) in apps().await {
        let offered = async |amount: &str| {
            let (_, options) = app.get(&format!("/payment-options?{amount}")).await;
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
            assert_eq!(app.get(&format!("/payment-options?{bad}")).await.0, 400, "{bad}");
        }
        let mut body = invoice_request(&app).await;
        body["amount"]["minor"] = json!(50_001);
        assert_eq!(pay(&app, "192.0.2.1", &body).await.0, 402);
    }
}

#[tokio::test]
async fn outstanding_invoices_are_listed_page_by_page_the_earliest_due_first() {
    for (app, _database) in apps().await {
        let mut made = Vec::new();
        for number in 0..5 {
            let (_, payment) = pay(&app, &format!("192.0.2.{number}"), &invoice_request(&app).await).await;
            made.push(payment["id"].clone());
        }
        let (mut listed, mut after) = (Vec::new(), String::new());
        loop {
            let (_, page) = app.get(&format!("/payments?outstanding=true&limit=2{after}")).await;
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
async fn missing_setting_is_named_at_the_start() {
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
    // A shop that offers no invoices needs no bank account.
    assert_eq!(
        without(|settings| {
            settings.offered = vec![ProviderName::Test];
            settings.invoice.iban = None;
        }),
        None
    );
    let (app, _database) = apps().await.remove(0);
    let body = json!({ "provider": "stripe" });
    let (status, problem) = app.post("/payment-methods", "any", &body).await;
    assert_eq!((status.as_u16(), pointer(&problem)), (422, "#/provider"));
}
