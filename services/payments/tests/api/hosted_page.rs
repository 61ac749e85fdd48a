//! Payments on Stripe's page. Whichever of return, webhook and worker comes first, and however often, there is one charge.

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::databases;

use crate::stripe::{FREQUENT_WORKER, RETURN_URL, World, has_status, worlds};
use crate::{capture, change, kind, pointer, refund, until};

const GOOD: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";

#[tokio::test]
async fn shopper_who_pays_on_the_page_returns_with_an_authorised_payment() {
    for world in worlds().await {
        world.set_behaviour(json!({ "webhooks": "never" })).await;
        let (payment, page) = world.payment().await;
        let (status, back) = world.pay(&page, GOOD).await;
        assert_eq!(status, 303, "{back}");
        assert_eq!(
            back,
            format!("http://127.0.0.1:4107{}", payment.replace("/payments/", "/returns/"))
        );
        assert_eq!(world.get(&payment).await.1["status"], "requires_action");
        assert_eq!(world.return_from_page(&payment).await, (303, RETURN_URL.to_owned()));
        let (_, found) = world.get(&payment).await;
        assert_eq!(
            (&found["status"], &found["redirect_url"]),
            (&json!("authorised"), &Value::Null)
        );
        // A late webhook changes nothing.
        world.set_behaviour(json!({})).await;
        assert_eq!(capture(&world, &payment, 4000).await.0, 200);
        assert_eq!(refund(&world, &payment, "key", 1500).await.0, 201);
        let [charge] = <[Value; 1]>::try_from(world.charges().await).expect("one charge");
        assert_eq!(
            (
                &charge["status"],
                &charge["amount_received"],
                &charge["amount_refunded"]
            ),
            (&json!("succeeded"), &json!(4000), &json!(1500))
        );
    }
}

#[tokio::test]
async fn webhook_authorises_a_payment_without_the_shopper_returning() {
    for world in worlds().await {
        for webhooks in ["normal", "twice", "shuffled", "early"] {
            world.set_behaviour(json!({ "webhooks": webhooks })).await;
            let (payment, page) = world.payment().await;
            assert_eq!(world.pay(&page, GOOD).await.0, 303);
            until(&world, &payment, has_status("authorised")).await;
            assert_eq!(world.return_from_page(&payment).await.0, 303);
            assert_eq!(change(&world, &payment, "capture").await.0, 200, "{webhooks}");
        }
        assert_eq!(world.charges().await.len(), 4);
    }
}

#[tokio::test]
async fn worker_or_repeated_request_retrieves_a_payment_without_a_webhook() {
    for database in databases().await {
        let world = World::open(database, FREQUENT_WORKER).await;
        world.set_behaviour(json!({ "webhooks": "never" })).await;
        let body = world.payment_request().await;
        let (_, payment) = world.post("/payments", "key", &body).await;
        let page = payment["redirect_url"].as_str().unwrap().replace(&world.stripe.url, "");
        world.pay(&page, GOOD).await;
        // The same request retrieves the status if the worker has not yet done so.
        let (status, again) = world.post("/payments", "key", &body).await;
        assert_eq!((status.as_u16(), &again["status"]), (201, &json!("authorised")));
    }
}

#[tokio::test]
async fn shopper_can_try_another_card_on_the_page() {
    for world in worlds().await {
        let (payment, page) = world.payment().await;
        assert_eq!(world.pay(&page, DECLINED).await.0, 402);
        assert_eq!(world.return_from_page(&payment).await, (303, RETURN_URL.to_owned()));
        assert_eq!(world.get(&payment).await.1["status"], "requires_action");
        assert_eq!(world.pay(&page, GOOD).await.0, 303);
        until(&world, &payment, has_status("authorised")).await;
    }
}

#[tokio::test]
async fn closed_page_takes_no_money() {
    for world in worlds().await {
        world.set_behaviour(json!({ "webhooks": "never" })).await;
        for how in ["expire", "void"] {
            let (payment, page) = world.payment().await;
            let status = if how == "expire" { "expired" } else { "voided" };
            for _ in 0..2 {
                assert_eq!(change(&world, &payment, how).await.1["status"], status);
            }
            assert_eq!(world.pay(&page, GOOD).await.0, 410, "{how}");
            assert_eq!(world.return_from_page(&payment).await.0, 303);
            assert_eq!(world.get(&payment).await.1["status"], status);
        }
        assert!(world.charges().await.is_empty());
    }
}

#[tokio::test]
async fn paid_page_cannot_be_expired_but_its_payment_can_be_voided() {
    for world in worlds().await {
        world.set_behaviour(json!({ "webhooks": "never" })).await;
        let (payment, page) = world.payment().await;
        assert_eq!(world.pay(&page, GOOD).await.0, 303);
        assert_eq!(change(&world, &payment, "expire").await.1["status"], "authorised");
        // Voiding releases the money in any case.
        let (other, page) = world.payment().await;
        assert_eq!(world.pay(&page, GOOD).await.0, 303);
        assert_eq!(change(&world, &other, "void").await.1["status"], "voided");
        assert_eq!(change(&world, &payment, "capture").await.0, 200);
        let statuses: Vec<_> = world
            .charges()
            .await
            .iter()
            .map(|charge| charge["status"].clone())
            .collect();
        assert!(
            statuses.contains(&json!("succeeded")) && statuses.contains(&json!("canceled")),
            "{statuses:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_payment_and_expiry_end_in_one_of_the_two() {
    for world in worlds().await {
        for _ in 0..5 {
            let (payment, page) = world.payment().await;
            let ((paid, _), (status, closed), _) = tokio::join!(
                world.pay(&page, GOOD),
                change(&world, &payment, "expire"),
                world.return_from_page(&payment)
            );
            assert_eq!(status, 200, "{closed}");
            let expected = if paid == 303 { "authorised" } else { "expired" };
            until(&world, &payment, has_status(expected)).await;
        }
    }
}

#[tokio::test]
async fn page_that_expires_by_itself_expires_the_payment() {
    for world in worlds().await {
        let (payment, page) = world.payment().await;
        let session = page.rsplit('/').next().unwrap();
        let lapse = format!("/double/sessions/{session}/lapse");
        assert_eq!(world.stripe.post(&lapse, "any", &Value::Null).await.0, 200);
        until(&world, &payment, has_status("expired")).await;
        // An expired payment cannot be captured.
        let (status, problem) = world.post(&format!("{payment}/capture"), "any", &Value::Null).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:wrong-state"));
    }
}

#[tokio::test]
async fn request_to_a_hanging_stripe_is_completed_later() {
    for database in databases().await {
        let world = World::open(database, FREQUENT_WORKER).await;
        let (payment, page) = world.payment().await;
        world.set_behaviour(json!({ "answers": "hang" })).await;
        assert_eq!(change(&world, &payment, "expire").await.0, 503);
        assert_eq!(world.return_from_page(&payment).await, (303, RETURN_URL.to_owned()));
        assert_eq!(
            world.post("/payments", "other", &world.payment_request().await).await.0,
            503
        );
        world.set_behaviour(json!({})).await;
        // The worker completes the request.
        until(&world, &payment, has_status("expired")).await;
        assert_eq!(world.pay(&page, GOOD).await.0, 410);
    }
}

#[tokio::test]
async fn lost_answers_are_retrieved() {
    for database in databases().await {
        let world = World::open(database, FREQUENT_WORKER).await;
        let (payment, page) = world.payment().await;
        world.pay(&page, GOOD).await;
        until(&world, &payment, has_status("authorised")).await;
        world
            .set_behaviour(json!({ "answers": "lost", "webhooks": "never" }))
            .await;
        assert_eq!(capture(&world, &payment, 4000).await.0, 503);
        world.set_behaviour(json!({ "webhooks": "never" })).await;
        until(&world, &payment, has_status("captured")).await;
        world
            .set_behaviour(json!({ "answers": "lost", "webhooks": "never" }))
            .await;
        assert_eq!(refund(&world, &payment, "key", 500).await.0, 503);
        world.set_behaviour(json!({ "webhooks": "never" })).await;
        assert_eq!(refund(&world, &payment, "key", 500).await.0, 201);
        let [charge] = <[Value; 1]>::try_from(world.charges().await).expect("one charge");
        assert_eq!(
            (&charge["amount_received"], &charge["amount_refunded"]),
            (&json!(4000), &json!(500))
        );
    }
}

#[tokio::test]
async fn pending_refund_is_done_or_refused_by_webhook() {
    for world in worlds().await {
        let (payment, page) = world.payment().await;
        world.pay(&page, GOOD).await;
        until(&world, &payment, has_status("authorised")).await;
        assert_eq!(change(&world, &payment, "capture").await.0, 200);
        world.set_behaviour(json!({ "refunds": "pending" })).await;
        let (status, given) = refund(&world, &payment, "first", 1500).await;
        assert_eq!((status, &given["status"]), (201, &json!("pending")));
        let settle = async |status: &str| {
            let (_, requests) = world.stripe.get("/double/requests").await;
            let all = requests["requests"]
                .as_array()
                .or_else(|| requests.as_array())
                .unwrap()
                .clone();
            let refund = all.iter().rfind(|request| request["path"] == "/v1/refunds").unwrap();
            let id = refund["answer"]["id"].as_str().unwrap();
            let path = format!("/double/refunds/{id}");
            assert_eq!(
                world.stripe.post(&path, "any", &json!({ "status": status })).await.0,
                200
            );
        };
        settle("succeeded").await;
        until(&world, &payment, |payment| payment["refunded"]["minor"] == 1500).await;
        assert_eq!(refund(&world, &payment, "second", 500).await.1["status"], "pending");
        settle("failed").await;
        until(&world, &payment, |payment| payment["refunds"][1]["status"] == "refused").await;
        assert_eq!(world.get(&payment).await.1["refunded"]["minor"], 1500);
    }
}

#[tokio::test]
async fn card_number_is_rejected_and_never_reaches_stripe() {
    for world in worlds().await {
        let body = json!({ "provider": "stripe", "card": { "number": GOOD, "expiry": "12/49", "cvc": "123" } });
        let (status, problem) = world.post("/payment-methods", "any", &body).await;
        assert_eq!((status.as_u16(), pointer(&problem)), (422, "#/card"));
        assert!(!problem.to_string().contains("4242"));
        let (_, requests) = world.stripe.get("/double/requests").await;
        assert!(!requests.to_string().contains("4242"));
        // The test provider, which accepts cards, is not offered.
        let (status, problem) = world.post("/payment-methods", "any", &crate::card(GOOD)).await;
        assert_eq!((status.as_u16(), pointer(&problem)), (422, "#/provider"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_paid_in_several_tabs_is_one_charge() {
    for world in worlds().await {
        let (payment, page) = world.payment().await;
        let paid = join_all((0..5).map(|_| world.pay(&page, GOOD))).await;
        assert!(paid.iter().any(|(status, _)| *status == 303), "{paid:?}");
        join_all((0..5).map(|_| world.return_from_page(&payment))).await;
        until(&world, &payment, has_status("authorised")).await;
        assert_eq!(change(&world, &payment, "capture").await.0, 200);
        let taken: Vec<_> = world
            .charges()
            .await
            .iter()
            .map(|charge| charge["amount_received"].clone())
            .collect();
        assert_eq!(taken, [json!(4800)]);
    }
}

#[tokio::test]
async fn return_without_a_payment_is_not_found() {
    let world = worlds().await.remove(0);
    for path in [
        "/returns/",
        "/returns/1",
        "/returns/01890a5d-b4c1-7d2e-8f3a-6b9c0d1e2f3a",
    ] {
        assert_eq!(world.app.public.page(path).await.0, 404, "{path}");
    }
}
