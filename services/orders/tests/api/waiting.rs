//! An order that waits for its shopper's bank: its cart knows of it, and it can be given up or paid otherwise.

use ::orders::{App, Config};
use futures_util::future::join_all;
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

use crate::crashes::crash_at;
use crate::neighbours::Mood::{Broken, Lost, Refuses, Slow};
use crate::neighbours::Neighbours;
use crate::{CART, STEP, config, kind, leases_run_out, post, request, start, worlds};

/// A wish to buy what is in the cart when it has this version.
fn of_version(version: i64) -> Value {
    let mut wish = request();
    wish["cart_version"] = json!(version);
    wish
}

/// An order that waits for the bank, of the cart's first version; the bank asks nobody else.
async fn waiting(orders: &Running, neighbours: &Neighbours) -> Value {
    neighbours.ask();
    let (status, order) = post(orders, "first", &of_version(1)).await;
    assert_eq!((status, &order["status"]), (202, &json!("awaiting_payment")), "{order}");
    neighbours.ask_no_more();
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

/// How many payments have this status.
fn payments(neighbours: &Neighbours, status: &str) -> usize {
    let (_, payments, _) = neighbours.state();
    payments.into_iter().filter(|payment| *payment == status).count()
}

/// Each of these cases on a database of its own, of every kind there is.
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
        let config = config(&database.url, &neighbours.url(), STEP);
        let app = App::start(Config { worker_ms, ..config });
        Running::start(app.await.expect("orders start")).await
    };
    [of(20).await, of(20).await]
}

#[tokio::test]
async fn a_cart_knows_its_waiting_order() {
    for (orders, neighbours, _database) in worlds().await {
        let of_cart = async |cart: &str, open: &str| {
            let (status, page) = orders.get(&format!("/orders?cart={cart}{open}")).await;
            assert_eq!(status, 200, "{page}");
            page["items"].as_array().expect("orders").clone()
        };
        assert!(of_cart(CART, "").await.is_empty());
        let order = waiting(&orders, &neighbours).await;
        let [listed] = of_cart(CART, "&open=true").await.try_into().expect("one");
        assert_eq!((&listed["id"], &listed["action"]), (&order["id"], &order["action"]));
        assert!(of_cart(CART, "&open=false").await.is_empty());
        assert!(of_cart("9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b43", "").await.is_empty());

        assert_eq!(cancel(&orders, &order, CART).await.0, 200);
        assert!(of_cart(CART, "&open=true").await.is_empty());
        let (_, second) = post(&orders, "second", &of_version(1)).await;
        let ids = of_cart(CART, "").await;
        let ids: Vec<_> = ids.iter().map(|order| &order["id"]).collect();
        assert_eq!(ids, [&second["id"], &order["id"]], "the newest first");
        assert_eq!(orders.get("/orders?cart=1").await.0, 400);
    }
}

#[tokio::test]
async fn a_waiting_order_can_be_given_up() {
    for (orders, neighbours, _database) in worlds().await {
        let order = waiting(&orders, &neighbours).await;
        let (status, cancelled) = cancel(&orders, &order, CART).await;
        assert_eq!((status, &cancelled["status"]), (200, &json!("cancelled")));
        assert_eq!(cancelled["action"], Value::Null);
        assert!(
            cancelled["reason"]
                .as_str()
                .expect("words")
                .contains("Nothing was charged")
        );
        assert_eq!(neighbours.state(), (vec!["released"], vec!["expired"], 0));
        // Again it changes nothing, and the same wish is not placed behind the shopper's back.
        assert_eq!(cancel(&orders, &order, CART).await, (200, cancelled));
        let (status, problem) = post(&orders, "first", &of_version(1)).await;
        assert_eq!((status, kind(&problem)), (409, "cancelled"));
        // Who approves now is charged nothing.
        neighbours.shoppers_answer("authorised");
        assert_eq!(neighbours.state(), (vec!["released"], vec!["expired"], 0));
    }
}

#[tokio::test]
async fn only_whoever_holds_its_cart_gives_an_order_up() {
    for (orders, neighbours, _database) in worlds().await {
        let order = waiting(&orders, &neighbours).await;
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
async fn what_stands_cannot_be_given_up() {
    for (orders, neighbours, _database) in worlds().await {
        let (_, order) = post(&orders, "first", &of_version(1)).await;
        let (status, problem) = cancel(&orders, &order, CART).await;
        assert_eq!((status, kind(&problem)), (409, "order-decided"));
        assert_eq!(neighbours.state(), (vec!["committed"], vec!["captured"], 1));
        // The bank has approved, though we have not heard of it yet.
        let order = waiting_again(&orders, &neighbours).await;
        neighbours.shoppers_answer("authorised");
        assert_eq!(cancel(&orders, &order, CART).await.0, 409);
        assert_eq!(neighbours.state().1, ["captured"; 2]);
    }
}

async fn waiting_again(orders: &Running, neighbours: &Neighbours) -> Value {
    neighbours.ask();
    let (status, order) = post(orders, "again", &of_version(2)).await;
    assert_eq!(status, 202, "{order}");
    order
}

/// The shopper left the bank, changed the cart and changed it back, and pays otherwise.
#[tokio::test]
async fn an_order_replaces_the_one_that_waits() {
    for version in [1, 3] {
        for (orders, neighbours, database) in worlds().await {
            let first = waiting(&orders, &neighbours).await;
            let (code, second) = post(&orders, "second", &of_version(version)).await;
            assert_eq!((code, &second["status"]), (201, &json!("completed")), "{second}");
            assert_eq!(status(&orders, &first).await, "cancelled");
            assert_eq!(
                (payments(&neighbours, "captured"), payments(&neighbours, "expired")),
                (1, 1)
            );
            // The first is approved at last.
            neighbours.shoppers_answer("authorised");
            neighbours.tell("payments.payment-authorised.v1", first["id"].as_str().expect("an id"));
            leases_run_out(&database.url).await;
            assert_eq!(post(&orders, "first", &of_version(1)).await.0, 409);
            assert_eq!(
                (payments(&neighbours, "captured"), payments(&neighbours, "expired")),
                (1, 1)
            );
        }
    }
}

/// Payments does not let go at once: the second order goes on, and the first is voided when it can be.
#[tokio::test]
async fn a_replaced_order_is_voided_in_the_end() {
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        let [orders, _other] = replicas(&database, &neighbours).await;
        waiting(&orders, &neighbours).await;
        neighbours.moods("expire", &[Broken; 2]);
        neighbours.moods("void", &[Broken; 3]);
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

/// Whoever sees an order of a cart that stands, or is being placed, is led to it.
#[tokio::test]
async fn an_order_in_the_way_is_named_to_whoever_holds_its_cart() {
    for (orders, neighbours, _database) in worlds().await {
        neighbours.moods("reserve", &[Slow]);
        let wish = request();
        let placing = post(&orders, "first", &wish);
        let beside = async {
            neighbours.called("reserve", 1).await;
            post(&orders, "second", &of_version(9)).await
        };
        let ((status, order), (refused, problem)) = tokio::join!(placing, beside);
        assert_eq!((status, refused, kind(&problem)), (201, 409, "cart-ordered"));
        assert_eq!(problem["order"], order["id"]);

        // The same quote, from the same cart and from another.
        let mut wish = crate::quoted("third", &request());
        assert_eq!(post(&orders, "third", &wish).await.0, 201);
        let (_, problem) = post(&orders, "fourth", &wish).await;
        assert_eq!(kind(&problem), "quote-used");
        assert!(problem["order"].is_string());
        wish["cart"] = json!("9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b43");
        let (_, problem) = post(&orders, "fifth", &wish).await;
        assert_eq!((kind(&problem), problem.get("order")), ("quote-used", None));
    }
}

/// Eight tabs order the cart anew while the bank's answer arrives, at two replicas: one order stands and is paid,
/// whichever was first.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cart_is_paid_once_whatever_the_bank_hears_meanwhile() {
    for (database, is_late) in on_each_database([false, true]).await {
        let neighbours = Neighbours::start().await;
        let replicas = replicas(&database, &neighbours).await;
        let first = waiting(&replicas[0], &neighbours).await;
        let approving = async {
            neighbours.called("expire", usize::from(is_late)).await;
            neighbours.shoppers_answer("authorised");
            neighbours.tell("payments.payment-authorised.v1", first["id"].as_str().expect("an id"));
        };
        let tabs = (0..8).map(|tab| {
            let replica = &replicas[tab % 2];
            async move { post(replica, &format!("tab-{tab}"), &of_version(1)).await }
        });
        let (answers, ()) = tokio::join!(join_all(tabs), approving);
        let stand = answers.iter().filter(|(status, _)| *status == 201).count();
        // It may still be settling what it was at when the last tab was told of it.
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

/// Giving up and approving at the same moment: the order stands and is paid, or is cancelled and costs nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_order_is_given_up_or_stands_and_never_both() {
    for database in testkit::databases().await {
        for _ in 0..5 {
            let neighbours = Neighbours::start().await;
            let replicas = replicas(&database, &neighbours).await;
            neighbours.ask();
            let key = uuid::Uuid::new_v4().simple().to_string();
            let mut wish = crate::quoted(&key[..16], &request());
            wish["cart"] = json!(uuid::Uuid::new_v4());
            let cart = wish["cart"].as_str().expect("a cart").to_owned();
            let (code, order) = post(&replicas[0], &key, &wish).await;
            assert_eq!(code, 202, "{order}");
            let approving = async {
                neighbours.shoppers_answer("authorised");
                neighbours.tell("payments.payment-authorised.v1", order["id"].as_str().expect("an id"));
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

/// It died while it gave an order up: the next one goes on.
#[tokio::test]
async fn giving_up_is_taken_up() {
    for step in ["void", "release"] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            let orders = start(&database.url, &neighbours.url()).await;
            let order = waiting(&orders, &neighbours).await;
            neighbours.moods(step, &[Lost]);
            // The one that dies replaces it.
            crash_at(step, &database.url, &neighbours).await;
            assert_eq!(status(&orders, &order).await, "cancelled");
            leases_run_out(&database.url).await;
            assert_eq!(post(&orders, "first", &of_version(1)).await.0, 409);
            assert_eq!(neighbours.state(), (vec!["released"], vec!["expired"], 0));
        }
    }
}

/// The shopper took their time, and nothing was held any longer.
#[tokio::test]
async fn a_late_approval_gets_what_is_still_there() {
    for (refusal, end) in [(None, "completed"), (Some("expired"), "rejected")] {
        for database in testkit::databases().await {
            let neighbours = Neighbours::start().await;
            let [orders, _other] = replicas(&database, &neighbours).await;
            neighbours.hold_while_asked(0);
            let order = waiting(&orders, &neighbours).await;
            if let Some(kind) = refusal {
                neighbours.moods("commit", &[Refuses(kind)]);
            }
            neighbours.shoppers_answer("authorised");
            neighbours.tell("payments.payment-authorised.v1", order["id"].as_str().expect("an id"));
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
                assert!(detail.contains("While your bank was asking") && detail.contains("Nothing was charged"));
            }
        }
    }
}
