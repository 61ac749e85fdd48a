//! Several providers at once. A payment keeps its provider.

use payments::provider::{ProviderName, Settings};
use serde_json::json;
use testkit::databases;
use uuid::Uuid;

use crate::stripe::{World, has_status};
use crate::{
    GOOD, IDLE_WORKER, app_with_settings, change, create_method, kind, payment_request, pointer, refund, until,
};

fn offering(offered: &[ProviderName]) -> Settings {
    let mut settings = crate::stripe::settings("http://127.0.0.1:9");
    settings.offered = offered.to_vec();
    settings.invoice.account_holder = Some("Stoa".to_owned());
    settings.invoice.iban = Some("DE89370400440532013000".parse().expect("an IBAN"));
    settings
}

#[tokio::test]
async fn payment_options_are_listed_in_the_configured_order() {
    let database = databases().await.remove(0);
    let app = app_with_settings(
        &database,
        &offering(&[ProviderName::Invoice, ProviderName::Stripe, ProviderName::Test]),
        IDLE_WORKER,
    )
    .await;
    let (_, options) = app.get("/payment-options?amount=4800&currency=EUR").await;
    let names: Vec<_> = options["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["provider"].clone())
        .collect();
    assert_eq!(names, ["invoice", "stripe", "test"]);
    // Only those that can charge the amount: Stripe requires the last of three decimals to be 0.
    let (_, options) = app.get("/payment-options?amount=5124&currency=KWD").await;
    let names: Vec<_> = options["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["provider"].clone())
        .collect();
    assert_eq!(names, ["invoice", "test"]);
}

#[tokio::test]
async fn payment_keeps_its_provider_when_another_one_is_offered() {
    for database in databases().await {
        let first = app_with_settings(&database, &offering(&[ProviderName::Test]), IDLE_WORKER).await;
        let held = crate::authorise(&first).await;
        let kept = create_method(&first, GOOD).await;
        drop(first);
        let second = app_with_settings(&database, &offering(&[ProviderName::Invoice]), IDLE_WORKER).await;
        assert_eq!(second.get(&held).await.1["provider"], "test");
        assert_eq!(change(&second, &held, "capture").await.0, 200);
        assert_eq!(refund(&second, &held, "key", 800).await.0, 201);
        // An existing payment method can still be used; new ones are created for offered providers only.
        assert_eq!(
            second
                .post("/payments", "before", &payment_request(Uuid::new_v4(), &kept))
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
async fn payment_of_an_unconfigured_provider_is_unavailable() {
    for database in databases().await {
        let world = World::open(database, IDLE_WORKER).await;
        let (payment, page) = world.payment().await;
        world.pay(&page, "4242424242424242").await;
        let found = until(&world, &payment, has_status("authorised")).await;
        let World { database, .. } = world;
        let mut settings = offering(&[ProviderName::Invoice]);
        settings.stripe = payments::provider::stripe::Settings::default();
        let app = app_with_settings(&database, &settings, IDLE_WORKER).await;
        assert_eq!(app.get(&payment).await.1["id"], found["id"]);
        let (status, problem) = change(&app, &payment, "capture").await;
        assert_eq!((status, kind(&problem)), (503, "urn:problem:unavailable"));
    }
}
