//! A provider that is away, and many who ask at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::join_all;
use payments::domain::ProviderStatus;
use testkit::databases;
use uuid::Uuid;

use crate::bank::{Away, Bank};
use crate::{GOOD, capture, change, kind, method, refund, request, till};

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_charges_once() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let till = till(&database, bank.clone()).await;
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        // Nothing is known to the bank yet, and nothing is to us.
        bank.go(Away::Down);
        let (status, problem) = till.post("/payments", "first", &wish).await;
        assert_eq!((status.as_u16(), kind(&problem)), (503, "urn:problem:unavailable"));
        bank.go(Away::No);
        assert_eq!(till.post("/payments", "first", &wish).await.0, 201);
        assert_eq!(bank.moved(), ["authorise"]);
    }
}

#[tokio::test]
async fn an_unfinished_capture_cannot_be_voided() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let till = till(&database, bank.clone()).await;
        let payment = crate::authorise(&till).await;
        bank.go(Away::AnswersLost);
        assert_eq!(change(&till, &payment, "capture").await.0, 503);
        bank.go(Away::No);
        assert_eq!(till.get(&payment).await.1["status"], "authorised");
        let (status, problem) = change(&till, &payment, "void").await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        assert_eq!(capture(&till, &payment, 100).await.0, 409);
        assert_eq!(change(&till, &payment, "capture").await.0, 200);
        assert_eq!(bank.moved(), ["authorise", "capture 4800"]);
    }
}

#[tokio::test]
async fn a_lost_refund_is_looked_up_and_given_once() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let till = till(&database, bank.clone()).await;
        let payment = crate::authorise(&till).await;
        assert_eq!(change(&till, &payment, "capture").await.0, 200);
        bank.go(Away::AnswersLost);
        assert_eq!(refund(&till, &payment, "first", 800).await.0, 503);
        let unknown = till.get(&payment).await.1;
        assert_eq!(
            (&unknown["refunded"]["minor"], &unknown["refunds"][0]["status"]),
            (&0.into(), &"pending".into())
        );
        // What may have been given back already cannot be given to somebody else.
        bank.go(Away::Down);
        assert_eq!(refund(&till, &payment, "second", 4001).await.0, 422);
        bank.go(Away::No);
        assert_eq!(refund(&till, &payment, "first", 800).await.0, 201);
        assert_eq!(bank.moved(), ["authorise", "capture 4800", "refund 800"]);
    }
}

#[tokio::test]
async fn what_the_provider_refuses_is_not_done() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let till = till(&database, bank.clone()).await;
        let (held, taken) = (crate::authorise(&till).await, crate::authorise(&till).await);
        assert_eq!(change(&till, &taken, "capture").await.0, 200);
        bank.refuse();
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        let (status, problem) = till.post("/payments", "refused", &wish).await;
        for (status, problem) in [
            (status.as_u16(), problem),
            change(&till, &held, "capture").await,
            change(&till, &held, "void").await,
            refund(&till, &taken, "key", 100).await,
            // The same request has the same answer.
            refund(&till, &taken, "key", 100).await,
        ] {
            assert_eq!((status, kind(&problem)), (409, "urn:problem:provider-refused"));
        }
        assert_eq!(till.get(&held).await.1["status"], "authorised");
        assert_eq!(till.get(&taken).await.1["refunded"]["minor"], 0);
    }
}

/// An authorisation that has expired at the bank, say.
#[tokio::test]
async fn what_the_bank_let_go_is_not_captured() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let till = till(&database, bank.clone()).await;
        let payment = crate::authorise(&till).await;
        bank.turns(&ProviderStatus::Voided);
        let (status, problem) = change(&till, &payment, "capture").await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        assert_eq!(till.get(&payment).await.1["status"], "voided");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_payments_for_an_order_one_is_made() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let till = till(&database, bank.clone()).await;
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        let keys: Vec<String> = (0..20).map(|number| format!("key-{number}")).collect();
        let answers = join_all(keys.iter().map(|key| till.post("/payments", key, &wish))).await;
        assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1);
        assert_eq!(answers.iter().filter(|(status, _)| *status == 409).count(), 19);
        assert_eq!(bank.moved(), ["authorise"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_charges_once() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let till = till(&database, bank.clone()).await;
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        let answers = join_all((0..20).map(|_| till.post("/payments", "one", &wish))).await;
        assert_eq!(answers[0].0, 201);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(bank.moved(), ["authorise"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payment_is_captured_or_voided_and_never_both() {
    for database in databases().await {
        for _ in 0..10 {
            let bank = Arc::new(Bank::default());
            let till = till(&database, bank.clone()).await;
            let payment = crate::authorise(&till).await;
            let (captured, voided) = tokio::join!(change(&till, &payment, "capture"), change(&till, &payment, "void"));
            assert_ne!(captured.0 == 200, voided.0 == 200);
            let status = till.get(&payment).await.1["status"].clone();
            let moved = if status == "captured" { "capture 4800" } else { "void" };
            assert_eq!(bank.moved(), ["authorise", moved]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_is_given_back_than_was_taken() {
    for database in databases().await {
        let bank = Arc::new(Bank::default());
        let till = till(&database, bank.clone()).await;
        let payment = crate::authorise(&till).await;
        assert_eq!(change(&till, &payment, "capture").await.0, 200);
        // Ten keys, each twice: 48 € are enough for four times 11 €.
        let keys: Vec<String> = (0..20).map(|number| format!("key-{}", number % 10)).collect();
        let answers = join_all(keys.iter().map(|key| refund(&till, &payment, key, 1100))).await;
        let given: BTreeSet<String> = answers
            .iter()
            .filter(|(status, _)| *status == 201)
            .map(|(_, refund)| refund["id"].to_string())
            .collect();
        assert_eq!(given.len(), 4, "{answers:?}");
        assert_eq!(bank.moved().iter().filter(|moved| *moved == "refund 1100").count(), 4);
        assert_eq!(till.get(&payment).await.1["refunded"]["minor"], 4400);
    }
}
