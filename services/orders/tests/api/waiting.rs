//! Orders that await payment: they are listed by cart, and can be cancelled or replaced.

use ::orders::{App, Config};
use futures_util::future::join_all;
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

use crate::crashes::crash_at;
use crate::neighbours::Fault::{LateAnswer, Rejects, ServerError, SlowAnswer};
use crate::neighbours::Neighbours;
use crate::{CART, STEP_TIMEOUT, config, expire_leases, kind, post, request, start, worlds};

/// A request to order this version of the cart.
fn of_version(version: i64) -> Value {
    let mut body = request();
    body["cart_version"] = json!(version);
    body
}

/// Places an order of the cart's first version that awaits payment. Later payments are authorised at once.
async fn place_unpaid(orders: &Running, neighbours: &Neighbours) -> Value {
    neighbours.require_action();
    let (status, order) = post(orders, "first", &of_version(1)).await;
    assert_eq!((status, &order["status"]), (202, &json!("awaiting_payment")), "{order}");
    neighbours.require_no_action();
    order
}

async fn cancel(orders: &Running, order: &Value, cart: &str) -> (u16, Value) {
    let path = format!("/orders/{}/cancellation", order["id"].as_str().expect("an id"));
    let (status, answer) = orders.post(&path, "any", &json!({ "cart": cart })).await;
    (status.as_u16(), answer)
}

async fn status(orders: &Running, order: &Value) -> Value {
    let path = format!("/orders/{}", order["id"].as_str().expect("an id"));
    orders.get(&path).await.1["status"].take()
}

/// The number of payments with this status.
fn payments(neighbours: &Neighbours, status: &str) -> usize {
    let (_, payments, _) = neighbours.state();
    payments.into_iter().filter(|payment| *payment == status).count()
}

/// Each case with a database of its own of each kind.
async fn on_each_database<T>(cases: impl IntoIterator<Item = T>) -> Vec<(Database, T)>
where
    T: Copy,
{
    let mut all = Vec::new();
    for case in cases {
        all.extend(testkit::databases().await.into_iter().map(|database| (database, case)));
    }
    all
}

async fn replicas(database: &Database, neighbours: &Neighbours) -> [Running; 2] {
    let of = async |worker_ms| {
        let config = config(&database.url, &neighbours.url(), STEP_TIMEOUT);
        let app = App::start(Config { worker_ms, ..config });
        Running::start(app.await.expect("orders start")).await
    };
    [of(20).await, of(20).await]
}

#[tokio::test]
async fn list_of_a_cart_has_its_orders() {
    for (orders, neighbours, _database) in worlds().await {
        let of_cart = async |cart: &str, filter: &str| {
            let (status, page) = orders.get(&format!("/orders?cart={cart}{filter}")).await;
            assert_eq!(status, 200, "{page}");
            page["items"].as_array().expect("orders").clone()
        };
        assert!(of_cart(CART, "").await.is_empty());
        let order = place_unpaid(&orders, &neighbours).await;
        let [listed] = of_cart(CART, "&in_progress=true").await.try_into().expect("one");
        assert_eq!(
            (&listed["id"], &listed["redirect_url"]),
            (&order["id"], &order["redirect_url"])
        );
        assert!(of_cart(CART, "&in_progress=false").await.is_empty());
        assert!(of_cart("9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b43", "").await.is_empty());

        assert_eq!(cancel(&orders, &order, CART).await.0, 200);
        assert!(of_cart(CART, "&in_progress=true").await.is_empty());
        let (_, second) = post(&orders, "second", &of_version(1)).await;
        let ids = of_cart(CART, "").await;
        let ids: Vec<_> = ids.iter().map(|order| &order["id"]).collect();
        assert_eq!(ids, [&second["id"], &order["id"]], "the newest first");
        assert_eq!(orders.get("/orders?cart=1").await.0, 400);
    }
}

#[tokio::test]
async fn order_that_awaits_payment_can_be_cancelled() {
    for (orders, neighbours, _database) in worlds().await {
        let order = place_unpaid(&orders, &neighbours).await;
        let (status, cancelled) = cancel(&orders, &order, CART).await;
        assert_eq!((status, &cancelled["status"]), (200, &json!("cancelled")));
        assert_eq!(cancelled["redirect_url"], Value::Null);
        assert!(
            cancelled["reason"]
                .as_str()
                .expect("words")
                .contains("Nothing was charged")
        );
        assert_eq!(neighbours.state(), (vec!["released"], vec!["expired"], 0));
        // Cancelling again changes nothing, and the same request does not place a new order.
        assert_eq!(cancel(&orders, &order, CART).await, (200, cancelled));
        let (status, problem) = post(&orders, "first", &of_version(1)).await;
        assert_eq!((status, kind(&problem)), (409, "cancelled"));
        // An approval after that charges nothing.
        neighbours.set_pending_payments("authorised");
        assert_eq!(neighbours.state(), (vec!["released"], vec!["expired"], 0));
    }
}

#[tokio::test]
async fn order_is_cancelled_only_with_its_cart() {
    for (orders, neighbours, _database) in worlds().await {
        let order = place_unpaid(&orders, &neighbours).await;
        for stranger in [
            "9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b43",
            "00000000-0000-0000-0000-000000000000",
        ] {
            let (status, problem) = cancel(&orders, &order, stranger).await;
            assert_eq!((status, kind(&problem)), (404, "not-found"));
        }
        assert_eq!(cancel(&orders, &order, "mine").await.0, 422);
        assert_eq!(cancel(&orders, &json!({ "id": CART }), CART).await.0, 404);
        assert_eq!(status(&orders, &order).await, "awaiting_payment");
    }
}

#[tokio::test]
async fn accepted_order_cannot_be_cancelled() {
    for (orders, neighbours, _database) in worlds().await {
        let (_, order) = post(&orders, "first", &of_version(1)).await;
        let (status, problem) = cancel(&orders, &order, CART).await;
        assert_eq!((status, kind(&problem)), (409, "order-decided"));
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        // The bank has approved, and no event has arrived yet.
        let order = place_another_unpaid(&orders, &neighbours).await;
        neighbours.set_pending_payments("authorised");
        assert_eq!(cancel(&orders, &order, CART).await.0, 409);
        assert_eq!(neighbours.state().1, ["captured"; 2]);
    }
}

async fn place_another_unpaid(orders: &Running, neighbours: &Neighbours) -> Value {
    neighbours.require_action();
    let (status, order) = post(orders, "again", &of_version(2)).await;
    assert_eq!(status, 202, "{order}");
    order
}

/// The shopper leaves the bank, changes the cart and changes it back, and pays in another way.
#[tokio::test]
async fn new_order_replaces_the_one_that_awaits_payment() {
    for version in [1, 3] {
        for (orders, neighbours, database) in worlds().await {
            let first = place_unpaid(&orders, &neighbours).await;
            let (code, second) = post(&orders, "second", &of_version(version)).await;
            assert_eq!((code, &second["status"]), (201, &json!("completed")), "{second}");
            assert_eq!(status(&orders, &first).await, "cancelled");
            assert_eq!(
                (payments(&neighbours, "captured"), payments(&neighbours, "expired")),
                (1, 1)
            );
            // The bank approves the first order after that.
            neighbours.set_pending_payments("authorised");
            neighbours.publish("payments.payment-authorised.v1", first["id"].as_str().expect("an id"));
            expire_leases(&database.url).await;
            assert_eq!(post(&orders, "first", &of_version(1)).await.0, 409);
            assert_eq!(
                (payments(&neighbours, "captured"), payments(&neighbours, "expired")),
                (1, 1)
            );
        }
    }
}

#[tokio::test]
async fn replaced_order_is_voided_when_payments_answers() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let [orders, _other] = replicas(&database, &neighbours).await;
        place_unpaid(&orders, &neighbours).await;
        neighbours.set_faults("expire", &[ServerError; 2]);
        neighbours.set_faults("void", &[ServerError; 3]);
        assert_eq!(post(&orders, "second", &of_version(2)).await.0, 201);
        while payments(&neighbours, "voided") == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            (payments(&neighbours, "captured"), payments(&neighbours, "voided")),
            (1, 1)
        );
    }
}

/// So that the shopper can be redirected to it.
#[tokio::test]
async fn conflicting_order_is_named_to_a_request_with_its_cart() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.set_faults("reserve", &[SlowAnswer]);
        let body = request();
        let placing = post(&orders, "first", &body);
        let beside = async {
            neighbours.called("reserve", 1).await;
            post(&orders, "second", &of_version(9)).await
        };
        let ((status, order), (refused, problem)) = tokio::join!(placing, beside);
        assert_eq!((status, refused, kind(&problem)), (201, 409, "cart-ordered"));
        assert_eq!(problem["order"], order["id"]);

        // The same quote, with the same cart and with another.
        let mut body = crate::quoted("third", &request());
        assert_eq!(post(&orders, "third", &body).await.0, 201);
        let (_, problem) = post(&orders, "fourth", &body).await;
        assert_eq!(kind(&problem), "quote-used");
        assert!(problem["order"].is_string());
        body["cart"] = json!("9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b43");
        let (_, problem) = post(&orders, "fifth", &body).await;
        assert_eq!((kind(&problem), problem.get("order")), ("quote-used", None));
    }
}

/// Eight tabs order the cart again at two replicas while the bank approves the first order. One order is completed and paid.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cart_is_paid_once_while_the_bank_approves() {
    for (database, is_late) in on_each_database([false, true]).await {
        let neighbours = Neighbours::start().await;
        let replicas = replicas(&database, &neighbours).await;
        let first = place_unpaid(&replicas[0], &neighbours).await;
        let approving = async {
            neighbours.called("expire", usize::from(is_late)).await;
            neighbours.set_pending_payments("authorised");
            neighbours.publish("payments.payment-authorised.v1", first["id"].as_str().expect("an id"));
        };
        let tabs = (0..8).map(|tab| {
            let replica = &replicas[tab % 2];
            async move { post(replica, &format!("tab-{tab}"), &of_version(1)).await }
        });
        let (answers, ()) = tokio::join!(join_all(tabs), approving);
        let stand = answers.iter().filter(|(status, _)| *status == 201).count();
        // The first order may still be in progress after the last answer.
        while status(&replicas[0], &first).await == "awaiting_payment" {
            tokio::task::yield_now().await;
        }
        let approved = usize::from(status(&replicas[0], &first).await != "cancelled");
        assert_eq!(stand + approved, 1, "{answers:?}");
        for (code, answer) in &answers {
            let led_on = *code == 409 && kind(answer) == "cart-ordered" && answer["order"].is_string();
            assert!(*code == 201 || led_on, "{code} {answer}");
        }
    }
}

/// The shopper cancels while the bank approves: the order is paid, or cancelled without a charge.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn order_is_cancelled_or_completed_but_never_both() {
    for database in testkit::databases().await {
        for _ in 0..5 {
            let neighbours = Neighbours::start().await;
            let replicas = replicas(&database, &neighbours).await;
            neighbours.require_action();
            let key = uuid::Uuid::new_v4().simple().to_string();
            let mut body = crate::quoted(&key[..16], &request());
            body["cart"] = json!(uuid::Uuid::new_v4());
            let cart = body["cart"].as_str().expect("a cart").to_owned();
            let (code, order) = post(&replicas[0], &key, &body).await;
            assert_eq!(code, 202, "{order}");
            let approving = async {
                neighbours.set_pending_payments("authorised");
                neighbours.publish("payments.payment-authorised.v1", order["id"].as_str().expect("an id"));
            };
            let ((given_up, _), (), (again, _)) = tokio::join!(
                cancel(&replicas[1], &order, &cart),
                approving,
                cancel(&replicas[0], &order, &cart)
            );
            assert_eq!(given_up, again);
            let (end, money) = match given_up {
                200 => ("cancelled", "expired"),
                _ => ("completed", "captured"),
            };
            while status(&replicas[0], &order).await != end || payments(&neighbours, money) != 1 {
                tokio::task::yield_now().await;
            }
        }
    }
}

#[tokio::test]
async fn cancellation_left_by_a_crash_is_continued() {
    for step in ["void", "release"] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            let orders = start(&database.url, &neighbours.url()).await;
            let order = place_unpaid(&orders, &neighbours).await;
            neighbours.set_faults(step, &[LateAnswer]);
            // The process that crashes replaces the order.
            crash_at(step, &database.url, &neighbours).await;
            assert_eq!(status(&orders, &order).await, "cancelled");
            expire_leases(&database.url).await;
            assert_eq!(post(&orders, "first", &of_version(1)).await.0, 409);
            assert_eq!(neighbours.state(), (vec!["released"], vec!["expired"], 0));
        }
    }
}

/// The units are no longer held when the shopper pays.
#[tokio::test]
async fn late_payment_gets_units_that_are_still_available() {
    for (refusal, end) in [(None, "completed"), (Some("expired"), "rejected")] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            let [orders, _other] = replicas(&database, &neighbours).await;
            neighbours.hold_unpaid_for(0);
            let order = place_unpaid(&orders, &neighbours).await;
            if let Some(kind) = refusal {
                neighbours.set_faults("commit", &[Rejects(kind)]);
            }
            neighbours.set_pending_payments("authorised");
            neighbours.publish("payments.payment-authorised.v1", order["id"].as_str().expect("an id"));
            while status(&orders, &order).await != end {
                tokio::task::yield_now().await;
            }
            let money = if refusal.is_some() { "voided" } else { "captured" };
            while payments(&neighbours, money) == 0 {
                tokio::task::yield_now().await;
            }
            if refusal.is_some() {
                let (code, problem) = post(&orders, "first", &of_version(1)).await;
                assert_eq!((code, kind(&problem)), (409, "out-of-stock"));
                let detail = problem["detail"].as_str().expect("words");
                assert!(
                    detail.contains("While you were confirming the payment") && detail.contains("Nothing was charged")
                );
            }
        }
    }
}
