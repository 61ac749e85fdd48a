//! The books of every service after the trouble, and whether they agree: see «Invariants» in ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::shopper::{End, Visit};
use crate::error::{Error, Result, fail};
use crate::shop::Shop;

/// Time for everything that was left half-way to be finished.
const REST_WITHIN: Duration = Duration::from_mins(2);

/// Something that must never be.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// What is wrong
    pub what: String,
    /// With which order, if with one
    pub order: Option<String>,
}

/// Everything that the services say of what has happened.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Units of each SKU before
    pub before: BTreeMap<String, i64>,
    /// Orders, the oldest first
    pub orders: Vec<Value>,
    /// Payments, by order
    pub payments: BTreeMap<String, Vec<Value>>,
    /// Stock of each SKU now
    pub stock: Vec<Value>,
    /// SKUs whose stock is not the sum of its movements
    pub differences: Vec<Value>,
    /// What orders has told the world, by order
    pub events: BTreeMap<String, Vec<Value>>,
}

impl Books {
    /// Waits until nobody is at any order any more but banks, and reads everything.
    pub async fn read(shop: &Shop, before: BTreeMap<String, i64>) -> Result<Self> {
        let [orders, payments, inventory] = ["orders", "payments", "inventory"].map(|name| shop.topology.url(name));
        let (orders, payments, inventory) = (orders?, payments?, inventory?);
        let deadline = Instant::now() + REST_WITHIN;
        let mut books = Self {
            before,
            ..Self::default()
        };
        loop {
            books.orders = pages(shop, &format!("{orders}/orders?limit=100"), "after").await?;
            let payments = pages(shop, &format!("{payments}/payments?limit=100"), "after").await?;
            let open = books
                .orders
                .iter()
                .any(|order| order["open"] == true && !is_waiting(order));
            let pending = payments.iter().any(|payment| payment["status"] == "pending");
            books.payments = by_order(payments, |payment| &payment["order"]);
            if !(open || pending) || Instant::now() > deadline {
                break;
            }
            sleep(Duration::from_millis(500)).await;
        }
        for sku in books.before.keys() {
            books.stock.push(get(shop, &format!("{inventory}/stock/{sku}")).await?);
        }
        books.differences = pages(shop, &format!("{inventory}/ledger/differences?limit=100"), "after").await?;
        let events = events(shop, &format!("{orders}/events?limit=500")).await?;
        books.events = by_order(events, |event| &event["data"]["order"]);
        Ok(books)
    }

    /// Everything that must never be, and is.
    pub fn check(&self, visits: &[Visit]) -> Vec<Violation> {
        let mut found = Vec::new();
        self.check_visits(visits, &mut found);
        for order in &self.orders {
            self.check_order(order, &mut found);
        }
        self.check_payments(&mut found);
        self.check_stock(&mut found);
        found
    }

    /// Never lose an acknowledged order; the same answer to the same request.
    fn check_visits(&self, visits: &[Visit], found: &mut Vec<Violation>) {
        for visit in visits {
            // An order that failed and left nothing behind is as if it had never been: its key is free again.
            let mut lasting = visit.orders.iter().filter(|id| self.status(id) != Some("failed"));
            let (first, others) = (lasting.next(), lasting.count());
            if others > 0 {
                found.push(violation(
                    format!("one intent, {}, became {} orders", visit.key, others + 1),
                    first,
                ));
            }
            let (End::Bought(id) | End::Promised(id)) = &visit.end else {
                continue;
            };
            match (self.status(id), &visit.end) {
                (None, _) => found.push(violation("an acknowledged order is lost".to_owned(), Some(id))),
                (Some("completed"), _) | (Some(_), End::Promised(_)) => {}
                (Some(status), _) => found.push(violation(format!("an order that stood is {status}"), Some(id))),
            }
        }
    }

    /// Never charge twice, nor without an order; every event once; nothing is left half-way.
    fn check_order(&self, order: &Value, found: &mut Vec<Violation>) {
        let id = order["id"].as_str().unwrap_or_default().to_owned();
        let status = order["status"].as_str().unwrap_or_default();
        let mut wrong = |what: String| found.push(violation(what, Some(&id)));
        if order["open"] == true && !is_waiting(order) {
            wrong(format!("an order is {status} and never comes to rest"));
        }
        let live: Vec<_> = of(&self.payments, &id).filter(|payment| is_live(payment)).collect();
        let is_paid = |payment: &&Value| payment["status"] == "captured" && payment["captured"] == order["total"];
        match (status, &live[..]) {
            ("completed", [payment]) if is_paid(payment) => {}
            ("completed", _) => wrong(format!(
                "a completed order has {} payments, none or not all paid",
                live.len()
            )),
            ("awaiting_payment", [payment]) if payment["status"] == "requires_action" => {}
            (_, []) => {}
            _ => wrong(format!("an order that is {status} has {} live payments", live.len())),
        }
        for what in ["placed", "confirmed", "completed", "rejected", "failed", "cancelled"] {
            let kind = format!("orders.order-{what}.v1");
            let told = of(&self.events, &id).filter(|event| event["type"] == *kind);
            let expected = match what {
                "placed" => 1,
                "confirmed" => usize::from(matches!(status, "confirmed" | "completed" | "cancelled")),
                _ => usize::from(status == what),
            };
            let told = told.count();
            if told != expected {
                wrong(format!("an order that is {status} was told as {what} {told} times"));
            }
        }
    }

    fn check_payments(&self, found: &mut Vec<Violation>) {
        let orders: BTreeSet<_> = self.orders.iter().filter_map(|order| order["id"].as_str()).collect();
        for (order, payments) in &self.payments {
            if !orders.contains(order.as_str()) && payments.iter().any(is_live) {
                found.push(violation("a payment without an order".to_owned(), Some(order)));
            }
        }
    }

    /// Never sell what is not there: what is left and what was sold are what there was.
    fn check_stock(&self, found: &mut Vec<Violation>) {
        for stock in &self.stock {
            let sku = stock["sku"].as_str().unwrap_or_default();
            let sold = self.units(sku, "completed");
            let before = self.before.get(sku).copied().unwrap_or_default();
            let (on_hand, reserved) = (stock["on_hand"].as_i64(), stock["reserved"].as_i64());
            if on_hand != Some(before - sold) {
                let what = format!("of {before} {sku}, {sold} were sold and {} are left", stock["on_hand"]);
                found.push(violation(what, None));
            }
            let waiting = self.units(sku, "awaiting_payment");
            if !reserved.is_some_and(|reserved| (0..=waiting).contains(&reserved)) {
                found.push(violation(
                    format!("{} {sku} are held for nobody", stock["reserved"]),
                    None,
                ));
            }
        }
        for difference in &self.differences {
            found.push(violation(
                format!("stock is not the sum of its movements: {difference}"),
                None,
            ));
        }
    }

    fn status(&self, id: &str) -> Option<&str> {
        let order = self.orders.iter().find(|order| order["id"] == id);
        order.and_then(|order| order["status"].as_str())
    }

    /// So many of a thing are in orders of this status.
    fn units(&self, sku: &str, status: &str) -> i64 {
        let orders = self.orders.iter().filter(|order| order["status"] == status);
        let lines = orders.flat_map(|order| order["lines"].as_array().into_iter().flatten());
        let units = lines
            .filter(|line| line["sku"] == sku)
            .filter_map(|line| line["quantity"].as_i64());
        units.sum()
    }

    /// Everything that is known of an order.
    pub fn story(&self, order: &str) -> Vec<String> {
        let mut story = Vec::new();
        let told = of(&self.events, order);
        story.extend(told.map(|event| format!("{} {}", event["time"], event["type"])));
        story.extend(
            self.orders
                .iter()
                .filter(|one| one["id"] == order)
                .map(Value::to_string),
        );
        story.extend(of(&self.payments, order).map(|payment| format!("payment {payment}")));
        story
    }

    /// How many orders ended how.
    pub fn ends(&self) -> BTreeMap<String, usize> {
        let mut ends = BTreeMap::new();
        for order in &self.orders {
            *ends
                .entry(order["status"].as_str().unwrap_or("?").to_owned())
                .or_insert(0) += 1;
        }
        ends
    }
}

fn by_order(all: Vec<Value>, order: impl Fn(&Value) -> &Value) -> BTreeMap<String, Vec<Value>> {
    let mut sorted: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for one in all {
        let order = order(&one).as_str().unwrap_or_default().to_owned();
        sorted.entry(order).or_default().push(one);
    }
    sorted
}

fn of<'a>(all: &'a BTreeMap<String, Vec<Value>>, order: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    all.get(order).into_iter().flatten()
}

/// Whether an order rests until its shopper answers their bank, or until its time is over.
fn is_waiting(order: &Value) -> bool {
    order["status"] == "awaiting_payment"
}

fn is_live(payment: &Value) -> bool {
    !matches!(payment["status"].as_str(), Some("voided" | "declined" | "refunded"))
}

fn violation(what: String, order: Option<&String>) -> Violation {
    Violation {
        what,
        order: order.cloned(),
    }
}

/// All pages of a list.
async fn pages(shop: &Shop, url: &str, place: &str) -> Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = get(shop, &format!("{url}{after}")).await?;
        let Some(items) = page["items"].as_array() else {
            return fail(format!("{url}: no items: {page}"));
        };
        all.extend(items.iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&{place}={next}"),
            None => return Ok(all),
        }
    }
}

/// The whole feed.
async fn events(shop: &Shop, url: &str) -> Result<Vec<Value>> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = get(shop, &format!("{url}{after}")).await?;
        let events = page.as_array().cloned().unwrap_or_default();
        let Some(last) = events.last().and_then(|event| event["id"].as_str()) else {
            return Ok(all);
        };
        after = format!("&lastEventId={last}");
        all.extend(events);
    }
}

async fn get(shop: &Shop, url: &str) -> Result<Value> {
    let failed = |error: reqwest::Error| Error(format!("{url}: {error}"));
    // A circuit may still be open, a part about to be ready.
    for _ in 0..20 {
        let answer = shop.client().get(url).send().await.map_err(failed)?;
        if answer.status().is_success() {
            return answer.json().await.map_err(failed);
        }
        sleep(Duration::from_millis(250)).await;
    }
    fail(format!("{url} gives no answer"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn euro(minor: i64) -> Value {
        json!({ "minor": minor, "currency": "EUR" })
    }

    /// One order of two vases among three, paid.
    fn sound() -> (Books, Vec<Visit>) {
        let told = |what: &str| json!({ "type": format!("orders.order-{what}.v1") });
        let books = Books {
            before: BTreeMap::from([("vase".to_owned(), 3)]),
            orders: vec![json!({
                "id": "o", "status": "completed", "open": false, "total": euro(10),
                "lines": [{ "sku": "vase", "quantity": 2 }],
            })],
            payments: BTreeMap::from([(
                "o".to_owned(),
                vec![json!({ "status": "captured", "captured": euro(10) })],
            )]),
            stock: vec![json!({ "sku": "vase", "on_hand": 1, "reserved": 0 })],
            differences: vec![],
            events: BTreeMap::from([("o".to_owned(), ["placed", "confirmed", "completed"].map(told).to_vec())]),
        };
        let visit = Visit {
            key: "k".to_owned(),
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
        books.orders[0]["open"] = json!(true);
        books.payments = BTreeMap::from([("o".to_owned(), vec![json!({ "status": "requires_action" })])]);
        books.stock = vec![json!({ "sku": "vase", "on_hand": 3, "reserved": 2 })];
        books.events.get_mut("o").unwrap().truncate(1);
        assert_eq!(books.check(&[]), []);
        books.stock[0]["reserved"] = json!(3);
        assert_eq!(books.check(&[])[0].what, "3 vase are held for nobody");
    }

    #[test]
    fn whatever_is_wrong_is_found() {
        type Spoil = fn(&mut Books, &mut Vec<Visit>);
        let spoil: [(&str, Spoil); 11] = [
            ("lost", |books, _| books.orders.clear()),
            ("became 2 orders", |books, visits| {
                let mut other = books.orders[0].clone();
                other["id"] = json!("p");
                books.orders.push(other);
                visits[0].orders.push("p".to_owned());
            }),
            ("is rejected", |books, _| books.orders[0]["status"] = json!("rejected")),
            ("never comes to rest", |books, _| books.orders[0]["open"] = json!(true)),
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
            let found = books.check(&visits);
            assert!(
                found.iter().any(|violation| violation.what.contains(what)),
                "{what}: {found:?}"
            );
        }
    }
}
