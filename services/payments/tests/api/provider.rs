//! A provider that is away, and many who ask at once.

use std::collections::BTreeSet;
use std::future::ready;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use payments::domain::Decline;
use payments::domain::card::Card;
use payments::provider::{Answer, Authorisation, Charge, Provider, Token, Unavailable};
use testkit::databases;
use uuid::Uuid;

use crate::{GOOD, change, kind, method, request, till};

/// Remembers what it was asked for, and does it; but while it is away nobody hears its answers.
#[derive(Debug, Default)]
struct Fickle {
    away: AtomicBool,
    charged: Mutex<Vec<Uuid>>,
    moved: Mutex<BTreeSet<&'static str>>,
}

impl Fickle {
    fn answer<'a, T: Send + 'a>(&self, answer: T) -> Answer<'a, T> {
        let away = self.away.load(Ordering::SeqCst);
        let answer = if away {
            Err(Unavailable("away".into()))
        } else {
            Ok(answer)
        };
        Box::pin(ready(answer))
    }

    fn go(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// The references it was asked to charge, each once.
    fn references(&self) -> BTreeSet<Uuid> {
        self.charged.lock().unwrap().iter().copied().collect()
    }
}

impl Provider for Fickle {
    fn keep<'a>(&'a self, _card: &'a Card) -> Answer<'a, Token> {
        self.answer(Token("token".into()))
    }

    fn authorise<'a>(&'a self, charge: &'a Charge) -> Answer<'a, Result<Authorisation, Decline>> {
        self.charged.lock().unwrap().push(charge.reference);
        self.answer(Ok(Authorisation(charge.reference.to_string())))
    }

    fn capture<'a>(&'a self, _authorisation: &'a Authorisation) -> Answer<'a, ()> {
        self.moved.lock().unwrap().insert("captured");
        self.answer(())
    }

    fn void<'a>(&'a self, _authorisation: &'a Authorisation) -> Answer<'a, ()> {
        self.moved.lock().unwrap().insert("voided");
        self.answer(())
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_charges_once() {
    for database in databases().await {
        let provider = Arc::new(Fickle::default());
        let till = till(&database, provider.clone()).await;
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        provider.go(true);
        let (status, problem) = till.post("/payments", "first", &wish).await;
        assert_eq!((status.as_u16(), kind(&problem)), (503, "urn:problem:unavailable"));
        provider.go(false);
        // Nobody knows whether the money is held: another payment must wait.
        assert_eq!(till.post("/payments", "second", &wish).await.0, 409);
        assert_eq!(till.post("/payments", "first", &wish).await.0, 201);
        assert_eq!(provider.charged.lock().unwrap().len(), 2);
        assert_eq!(provider.references().len(), 1);
    }
}

#[tokio::test]
async fn an_unfinished_capture_cannot_be_voided() {
    for database in databases().await {
        let provider = Arc::new(Fickle::default());
        let till = till(&database, provider.clone()).await;
        let payment = crate::authorise(&till).await;
        provider.go(true);
        assert_eq!(change(&till, &payment, "capture").await.0, 503);
        provider.go(false);
        assert_eq!(till.get(&payment).await.1["status"], "authorised");
        let (status, problem) = change(&till, &payment, "void").await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        assert_eq!(change(&till, &payment, "capture").await.0, 200);
        assert_eq!(*provider.moved.lock().unwrap(), BTreeSet::from(["captured"]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_payments_for_an_order_one_is_made() {
    for database in databases().await {
        let provider = Arc::new(Fickle::default());
        let till = till(&database, provider.clone()).await;
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        let keys: Vec<String> = (0..20).map(|number| format!("key-{number}")).collect();
        let answers = join_all(keys.iter().map(|key| till.post("/payments", key, &wish))).await;
        assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1);
        assert_eq!(answers.iter().filter(|(status, _)| *status == 409).count(), 19);
        assert_eq!(provider.charged.lock().unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_charges_once() {
    for database in databases().await {
        let provider = Arc::new(Fickle::default());
        let till = till(&database, provider.clone()).await;
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        let answers = join_all((0..20).map(|_| till.post("/payments", "one", &wish))).await;
        assert_eq!(answers[0].0, 201);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(provider.references().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_payment_is_captured_or_voided_and_never_both() {
    for database in databases().await {
        for _ in 0..10 {
            let provider = Arc::new(Fickle::default());
            let till = till(&database, provider.clone()).await;
            let payment = crate::authorise(&till).await;
            let (captured, voided) = tokio::join!(change(&till, &payment, "capture"), change(&till, &payment, "void"));
            assert_ne!(captured.0 == 200, voided.0 == 200);
            let status = till.get(&payment).await.1["status"].clone();
            let moved: Vec<&str> = provider.moved.lock().unwrap().iter().copied().collect();
            assert_eq!(moved, [status.as_str().unwrap()]);
        }
    }
}
