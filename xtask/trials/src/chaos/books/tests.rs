use serde_json::json;

use super::*;
use crate::chaos::shopper::Way;

fn euro(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

/// One order of two vases among three, paid.
fn sound() -> (Books, Vec<Visit>) {
    let told = |what: &str| json!({ "type": format!("orders.order-{what}.v1") });
    let books = Books {
        before: BTreeMap::from([("vase".to_owned(), 3)]),
        orders: vec![json!({
            "id": "o", "status": "completed", "in_progress": false, "total": euro(10), "paid_by": "card",
            "lines": [{ "sku": "vase", "quantity": 2 }],
        })],
        payments: BTreeMap::from([(
            "o".to_owned(),
            vec![json!({ "id": "p", "provider": "test", "type": "card", "status": "captured", "captured": euro(10) })],
        )]),
        stock: vec![json!({ "sku": "vase", "on_hand": 1, "reserved": 0 })],
        events: BTreeMap::from([("o".to_owned(), ["placed", "confirmed", "completed"].map(told).to_vec())]),
        ..Books::default()
    };
    let visit = Visit {
        key: "k".to_owned(),
        way: Way::Card,
        end: End::Bought("o".to_owned()),
        orders: vec!["o".to_owned()],
        sent: 1,
    };
    (books, vec![visit])
}

#[test]
fn sound_books_are_sound() {
    let (books, visits) = sound();
    assert_eq!(books.check(&visits), []);
}

#[test]
fn what_waits_for_a_bank_is_at_rest() {
    let (mut books, _) = sound();
    books.orders[0]["status"] = json!("awaiting_payment");
    books.orders[0]["in_progress"] = json!(true);
    books.payments = BTreeMap::from([(
        "o".to_owned(),
        vec![json!({ "type": "card", "status": "requires_action" })],
    )]);
    books.stock = vec![json!({ "sku": "vase", "on_hand": 3, "reserved": 2 })];
    books.events.get_mut("o").unwrap().truncate(1);
    assert_eq!(books.check(&[]), []);
    books.stock[0]["reserved"] = json!(3);
    assert_eq!(books.check(&[])[0].what, "3 vase are held for nobody");
}

#[test]
fn whatever_is_wrong_is_found() {
    type Spoil = fn(&mut Books, &mut Vec<Visit>);
    let spoil: [(&str, Spoil); 13] = [
        ("lost", |books, _| books.orders.clear()),
        ("became 2 orders", |books, visits| {
            let mut other = books.orders[0].clone();
            other["id"] = json!("p");
            books.orders.push(other);
            visits[0].orders.push("p".to_owned());
        }),
        ("is rejected", |books, _| books.orders[0]["status"] = json!("rejected")),
        ("never comes to rest", |books, _| {
            books.orders[0]["in_progress"] = json!(true);
        }),
        ("has 0 payments", |books, _| books.payments.clear()),
        ("has 2 payments", |books, _| {
            let payments = books.payments.get_mut("o").unwrap();
            payments.push(payments[0].clone());
        }),
        ("not all paid", |books, _| {
            books.payments.get_mut("o").unwrap()[0]["captured"] = euro(9);
        }),
        ("payment without an order", |books, _| {
            let payment = json!({ "status": "authorised" });
            books.payments.insert("x".to_owned(), vec![payment]);
        }),
        ("its payment by \"invoice\"", |books, _| {
            books.payments.get_mut("o").unwrap()[0]["type"] = json!("invoice");
        }),
        ("not all paid", |books, _| {
            let payment = &mut books.payments.get_mut("o").unwrap()[0];
            (payment["status"], payment["amount"]) = (json!("authorised"), euro(10));
        }),
        ("are left", |books, _| books.stock[0]["on_hand"] = json!(2)),
        ("held for nobody", |books, _| books.stock[0]["reserved"] = json!(1)),
        ("completed 2 times", |books, _| {
            let events = books.events.get_mut("o").unwrap();
            events.push(events[2].clone());
        }),
    ];
    for (what, spoil) in spoil {
        let (mut books, mut visits) = sound();
        spoil(&mut books, &mut visits);
        assert_found(what, &books, &visits);
    }
}

fn assert_found(what: &str, books: &Books, visits: &[Visit]) {
    let found = books.check(visits);
    assert!(
        found.iter().any(|violation| violation.what.contains(what)),
        "{what}: {found:?}"
    );
}

/// The same order on account, and nothing paid yet.
fn on_account() -> (Books, Vec<Visit>) {
    let (mut books, visits) = sound();
    books.orders[0]["paid_by"] = json!("invoice");
    let payment = json!({
        "id": "p", "provider": "invoice", "type": "invoice", "status": "authorised", "amount": euro(10), "captured": euro(0),
    });
    books.payments.insert("o".to_owned(), vec![payment]);
    (books, visits)
}

#[test]
fn what_is_ordered_on_account_is_owed_or_paid() {
    let (mut books, visits) = on_account();
    assert_eq!(books.check(&visits), []);
    books.marked = vec!["p".to_owned()];
    assert_found("marked as paid is \"authorised\"", &books, &visits);
    let payment = &mut books.payments.get_mut("o").unwrap()[0];
    (payment["status"], payment["captured"]) = (json!("captured"), euro(10));
    assert_eq!(books.check(&visits), []);
    books.payments.get_mut("o").unwrap()[0]["captured"] = euro(9);
    assert_found("not all paid", &books, &visits);
    let (mut books, visits) = on_account();
    books.payments.get_mut("o").unwrap()[0]["amount"] = euro(9);
    assert_found("not all paid", &books, &visits);
    let (mut books, visits) = on_account();
    books.stock[0]["on_hand"] = json!(3);
    assert_found("are left", &books, &visits);
}

/// The same order, paid on a page.
fn on_page() -> (Books, Vec<Visit>) {
    let (mut books, visits) = sound();
    books.orders[0]["paid_by"] = json!("hosted_page");
    let payment = json!({
        "id": "p", "provider": "stripe", "type": "hosted_page", "status": "captured", "captured": euro(10),
        "refunded": euro(0),
    });
    books.payments.insert("o".to_owned(), vec![payment]);
    let metadata = json!({ "payment": "p", "order": "o" });
    books.ledger = Ledger {
        charges: vec![json!({
            "status": "succeeded", "amount_received": 10, "amount_refunded": 0, "metadata": metadata,
        })],
        sessions: vec![json!({ "status": "complete", "metadata": metadata })],
    };
    (books, visits)
}

/// The same order, not paid on its page yet.
fn at_page() -> Books {
    let (mut books, _) = on_page();
    (books.orders[0]["status"], books.orders[0]["in_progress"]) = (json!("awaiting_payment"), json!(true));
    let payment = &mut books.payments.get_mut("o").unwrap()[0];
    (payment["status"], payment["captured"]) = (json!("requires_action"), euro(0));
    books.stock = vec![json!({ "sku": "vase", "on_hand": 3, "reserved": 2 })];
    books.events.get_mut("o").unwrap().truncate(1);
    books.ledger.charges.clear();
    books.ledger.sessions[0]["status"] = json!("open");
    books
}

/// The same order, cancelled before it was paid.
fn given_up() -> Books {
    let mut books = at_page();
    (books.orders[0]["status"], books.orders[0]["in_progress"]) = (json!("cancelled"), json!(false));
    books.payments.get_mut("o").unwrap()[0]["status"] = json!("expired");
    books.stock[0]["reserved"] = json!(0);
    books.ledger.sessions[0]["status"] = json!("expired");
    let told = ["placed", "cancelled"].map(|what| json!({ "type": format!("orders.order-{what}.v1") }));
    books.events.insert("o".to_owned(), told.to_vec());
    books
}

#[test]
fn what_is_paid_on_a_page_is_the_same_in_all_books() {
    let (books, visits) = on_page();
    assert_eq!(books.check(&visits), []);
    assert_eq!(at_page().check(&[]), []);
    assert_eq!(given_up().check(&[]), []);
    assert!(!at_page().is_news_on_its_way());
    let mut books = at_page();
    books.payments.get_mut("o").unwrap()[0]["status"] = json!("authorised");
    assert!(books.is_news_on_its_way());
}

#[test]
fn whatever_is_wrong_with_the_money_at_stripe_is_found() {
    type Spoil = fn(&mut Ledger);
    let spoil: [(&str, Spoil); 6] = [
        ("do not agree: captured, []", |ledger| ledger.charges.clear()),
        ("do not agree", |ledger| ledger.charges[0]["amount_received"] = json!(9)),
        ("do not agree", |ledger| ledger.charges[0]["amount_refunded"] = json!(1)),
        ("do not agree", |ledger| {
            ledger.charges[0]["status"] = json!("requires_capture");
        }),
        ("taken 2 times", |ledger| {
            let mut other = ledger.charges[0].clone();
            other["metadata"]["payment"] = json!("q");
            ledger.charges.push(other);
        }),
        ("a payment that nobody knows", |ledger| {
            ledger.charges[0]["metadata"]["payment"] = json!("q");
        }),
    ];
    for (what, spoil) in spoil {
        let (mut books, visits) = on_page();
        spoil(&mut books.ledger);
        assert_found(what, &books, &visits);
    }
}

#[test]
fn a_page_is_open_as_long_as_its_order_waits() {
    let mut books = at_page();
    books.ledger.sessions[0]["status"] = json!("expired");
    assert!(books.is_news_on_its_way());
    assert_found("nobody can pay on a page", &books, &[]);
    let mut books = given_up();
    books.ledger.sessions[0]["status"] = json!("open");
    assert_found(
        "an order is cancelled, its payment \"expired\", and its page open",
        &books,
        &[],
    );
    // An unused page: no one has its address.
    books.ledger.sessions[0]["metadata"]["payment"] = json!("q");
    assert_eq!(books.check(&[]), []);
}

#[test]
fn no_money_is_held_for_what_came_to_nothing() {
    let charge = |status: &str, refunded: i64| {
        let metadata = json!({ "payment": "p", "order": "o" });
        json!({ "status": status, "amount_received": 0, "amount_refunded": refunded, "metadata": metadata })
    };
    let mut books = given_up();
    books.ledger.charges = vec![charge("requires_capture", 0)];
    assert_found(
        "an order is cancelled, and its money at Stripe \"requires_capture\"",
        &books,
        &[],
    );
    books.ledger.charges = vec![charge("canceled", 0)];
    assert_eq!(books.check(&[]), []);
    let mut taken = charge("succeeded", 0);
    taken["amount_received"] = json!(10);
    books.ledger.charges = vec![taken];
    assert_found(
        "an order is cancelled, and its money at Stripe \"succeeded\"",
        &books,
        &[],
    );
}
