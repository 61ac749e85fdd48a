//! A provider that fails, and concurrent requests.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use payments::domain::ProviderStatus;
use testkit::databases;
use uuid::Uuid;

use crate::fake_provider::{FakeProvider, Outage};
use crate::{GOOD, app_with_provider, capture, change, create_method, kind, payment_request, refund};

#[tokio::test]
async fn request_that_failed_during_an_outage_charges_once() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let app = app_with_provider(&database, provider.clone()).await;
        let body = payment_request(Uuid::new_v4(), &create_method(&app, GOOD).await);
        // The payment is neither created at the provider nor stored.
        provider.set_outage(Outage::Down);
        let (status, problem) = app.post("/payments", "first", &body).await;
        assert_eq!((status.as_u16(), kind(&problem)), (503, "urn:problem:unavailable"));
        provider.set_outage(Outage::None);
        assert_eq!(app.post("/payments", "first", &body).await.0, 201);
        assert_eq!(provider.moved(), ["authorise"]);
    }
}

#[tokio::test]
async fn payment_with_a_pending_capture_cannot_be_voided() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let app = app_with_provider(&database, provider.clone()).await;
        let payment = crate::authorise(&app).await;
        provider.set_outage(Outage::AnswersLost);
        assert_eq!(change(&app, &payment, "capture").await.0, 503);
        provider.set_outage(Outage::None);
        assert_eq!(app.get(&payment).await.1["status"], "authorised");
        let (status, problem) = change(&app, &payment, "void").await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        assert_eq!(capture(&app, &payment, 100).await.0, 409);
        assert_eq!(change(&app, &payment, "capture").await.0, 200);
        assert_eq!(provider.moved(), ["authorise", "capture 4800"]);
    }
}

#[tokio::test]
async fn refund_whose_answer_is_lost_is_made_once() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let app = app_with_provider(&database, provider.clone()).await;
        let payment = crate::authorise(&app).await;
        assert_eq!(change(&app, &payment, "capture").await.0, 200);
        provider.set_outage(Outage::AnswersLost);
        assert_eq!(refund(&app, &payment, "first", 800).await.0, 503);
        let unknown = app.get(&payment).await.1;
        assert_eq!(
            (&unknown["refunded"]["minor"], &unknown["refunds"][0]["status"]),
            (&0.into(), &"pending".into())
        );
        // The amount of a pending refund cannot be refunded again.
        provider.set_outage(Outage::Down);
        assert_eq!(refund(&app, &payment, "second", 4001).await.0, 422);
        provider.set_outage(Outage::None);
        assert_eq!(refund(&app, &payment, "first", 800).await.0, 201);
        assert_eq!(provider.moved(), ["authorise", "capture 4800", "refund 800"]);
    }
}

#[tokio::test]
async fn provider_that_panics_is_an_internal_error() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let app = app_with_provider(&database, provider.clone()).await;
        let payment = crate::authorise(&app).await;
        let body = payment_request(Uuid::new_v4(), &create_method(&app, GOOD).await);
        provider.set_outage(Outage::Panics);
        let (status, problem) = app.post("/payments", "key", &body).await;
        for (status, problem) in [(status.as_u16(), problem), change(&app, &payment, "capture").await] {
            assert_eq!((status, kind(&problem)), (500, "urn:problem:internal"));
        }
    }
}

#[tokio::test]
async fn refused_operation_changes_nothing() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let app = app_with_provider(&database, provider.clone()).await;
        let (held, taken) = (crate::authorise(&app).await, crate::authorise(&app).await);
        assert_eq!(change(&app, &taken, "capture").await.0, 200);
        provider.refuse_requests();
        let body = payment_request(Uuid::new_v4(), &create_method(&app, GOOD).await);
        let (status, problem) = app.post("/payments", "refused", &body).await;
        for (status, problem) in [
            (status.as_u16(), problem),
            change(&app, &held, "capture").await,
            change(&app, &held, "void").await,
            refund(&app, &taken, "key", 100).await,
            // The same request has the same answer.
            refund(&app, &taken, "key", 100).await,
        ] {
            assert_eq!((status, kind(&problem)), (409, "urn:problem:provider-refused"));
        }
        assert_eq!(app.get(&held).await.1["status"], "authorised");
        assert_eq!(app.get(&taken).await.1["refunded"]["minor"], 0);
    }
}

/// For example because the authorisation has expired at the bank.
#[tokio::test]
async fn payment_voided_at_the_provider_is_not_captured() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let app = app_with_provider(&database, provider.clone()).await;
        let payment = crate::authorise(&app).await;
        provider.set_status(&ProviderStatus::Voided);
        let (status, problem) = change(&app, &payment, "capture").await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        assert_eq!(app.get(&payment).await.1["status"], "voided");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_payments_for_an_order_one_is_created() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let app = app_with_provider(&database, provider.clone()).await;
        let body = payment_request(Uuid::new_v4(), &create_method(&app, GOOD).await);
        let keys: Vec<String> = (0..20).map(|number| format!("key-{number}")).collect();
        let answers = join_all(keys.iter().map(|key| app.post("/payments", key, &body))).await;
        assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1);
        assert_eq!(answers.iter().filter(|(status, _)| *status == 409).count(), 19);
        assert_eq!(provider.moved(), ["authorise"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_requests_with_one_key_charge_once() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let app = app_with_provider(&database, provider.clone()).await;
        let body = payment_request(Uuid::new_v4(), &create_method(&app, GOOD).await);
        let answers = join_all((0..20).map(|_| app.post("/payments", "one", &body))).await;
        assert_eq!(answers[0].0, 201);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(provider.moved(), ["authorise"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn payment_is_captured_or_voided_and_never_both() {
    for database in databases().await {
        for _ in 0..10 {
            let provider = Arc::new(FakeProvider::default());
            let app = app_with_provider(&database, provider.clone()).await;
            let payment = crate::authorise(&app).await;
            let (captured, voided) = tokio::join!(change(&app, &payment, "capture"), change(&app, &payment, "void"));
            assert_ne!(captured.0 == 200, voided.0 == 200);
            let status = app.get(&payment).await.1["status"].clone();
            let moved = if status == "captured" { "capture 4800" } else { "void" };
            assert_eq!(provider.moved(), ["authorise", moved]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refunds_never_exceed_the_captured_amount() {
    for database in databases().await {
        let provider = Arc::new(FakeProvider::default());
        let app = app_with_provider(&database, provider.clone()).await;
        let payment = crate::authorise(&app).await;
        assert_eq!(change(&app, &payment, "capture").await.0, 200);
        // Ten keys, each twice. 48 € are enough for four refunds of 11 €.
        let keys: Vec<String> = (0..20).map(|number| format!("key-{}", number % 10)).collect();
        let answers = join_all(keys.iter().map(|key| refund(&app, &payment, key, 1100))).await;
        let given: BTreeSet<String> = answers
            .iter()
            .filter(|(status, _)| *status == 201)
            .map(|(_, refund)| refund["id"].to_string())
            .collect();
        assert_eq!(given.len(), 4, "{answers:?}");
        assert_eq!(
            provider.moved().iter().filter(|moved| *moved == "refund 1100").count(),
            4
        );
        assert_eq!(app.get(&payment).await.1["refunded"]["minor"], 4400);
    }
}
