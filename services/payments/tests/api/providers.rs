//! Several providers at once: each payment has one, and keeps it.

use payments::provider::{Name, Settings};
use serde_json::json;
use testkit::databases;
use uuid::Uuid;

use crate::stripe::{World, has_status};
use crate::{GOOD, PATIENT, change, kind, method, pointer, refund, request, till_of, until};

fn offering(offered: &[Name]) -> Settings {
    let mut settings = crate::stripe::settings("http://127.0.0.1:9");
    settings.offered = offered.to_vec();
    settings.invoice.account_holder = Some("Stoa".to_owned());
    settings.invoice.iban = Some("DE89370400440532013000".parse().expect("an IBAN"));
    settings
}

#[tokio::test]
async fn several_are_offered_in_their_order() {
    let database = databases().await.remove(0);
    let till = till_of(
        &database,
        &offering(&[Name::Invoice, Name::Stripe, Name::Test]),
        PATIENT,
    )
    .await;
    let (_, options) = till.get("/payment-options?amount=4800&currency=EUR").await;
    let names: Vec<_> = options["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["provider"].clone())
        .collect();
    assert_eq!(names, ["invoice", "stripe", "test"]);
    // Each by what it can charge: Stripe wants the last of three digits to be 0.
    let (_, options) = till.get("/payment-options?amount=5124&currency=KWD").await;
    let names: Vec<_> = options["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["provider"].clone())
        .collect();
    assert_eq!(names, ["invoice", "test"]);
}

#[tokio::test]
async fn a_payment_keeps_its_provider_when_another_one_is_offered() {
    for database in databases().await {
        let first = till_of(&database, &offering(&[Name::Test]), PATIENT).await;
        let held = crate::authorise(&first).await;
        let kept = method(&first, GOOD).await;
        drop(first);
        let second = till_of(&database, &offering(&[Name::Invoice]), PATIENT).await;
        assert_eq!(second.get(&held).await.1["provider"], "test");
        assert_eq!(change(&second, &held, "capture").await.0, 200);
        assert_eq!(refund(&second, &held, "key", 800).await.0, 201);
        // What was kept before is good for the payment that it was made for; new ones are of what is offered.
        assert_eq!(
            second
                .post("/payments", "before", &request(Uuid::new_v4(), &kept))
                .await
                .0,
            201
        );
        let (status, problem) = second.post("/payment-methods", "any", &crate::card(GOOD)).await;
        assert_eq!((status.as_u16(), pointer(&problem)), (422, "#/provider"));
        assert_eq!(
            second
                .post("/payment-methods", "any", &json!({ "provider": "invoice" }))
                .await
                .0,
            201
        );
    }
}

#[tokio::test]
async fn a_payment_of_a_provider_that_is_no_longer_set_up_waits_for_it() {
    for database in databases().await {
        let world = World::open(database, PATIENT).await;
        let (payment, page) = world.payment().await;
        world.pay(&page, "4242424242424242").await;
        let found = until(&world, &payment, has_status("authorised")).await;
        let World { database, .. } = world;
        let mut settings = offering(&[Name::Invoice]);
        settings.stripe = payments::provider::stripe::Settings::default();
        let till = till_of(&database, &settings, PATIENT).await;
        assert_eq!(till.get(&payment).await.1["id"], found["id"]);
        let (status, problem) = change(&till, &payment, "capture").await;
        assert_eq!((status, kind(&problem)), (503, "urn:problem:unavailable"));
    }
}
