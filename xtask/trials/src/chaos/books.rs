//! The records of every service after a trial, and whether they agree: see "Invariants" in ARCHITECTURE.md.

mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use machine::{Error, Result, fail};
use serde_json::Value;
use shop::Shop;
use tokio::time::{Instant, sleep};

use super::double::Ledger;
use super::shopper::{End, Visit};

/// Time for everything unfinished to be completed.
const REST_WITHIN: Duration = Duration::from_mins(2);

/// A broken invariant.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// What is wrong
    pub what: String,
    /// With which order, if with one
    pub order: Option<String>,
}

/// The records of all services.
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
    /// Events of orders, by order
    pub events: BTreeMap<String, Vec<Value>>,
    /// The records of the double of Stripe
    pub ledger: Ledger,
    /// Payments that were marked as paid for certain
    pub marked: Vec<String>,
}

impl Books {
    /// Waits until no order is in progress except for those that wait for a shopper or a bank, and reads all records.
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
            let in_progress = books
                .orders
                .iter()
                .any(|order| order["in_progress"] == true && !is_waiting(order));
            let pending = payments.iter().any(|payment| payment["status"] == "pending");
            books.payments = by_order(payments, |payment| &payment["order"]);
            // After the payments: what is paid in between is read by the next attempt.
            books.ledger = Ledger::read(shop).await?;
            if !(in_progress || pending || books.is_news_on_its_way()) || Instant::now() > deadline {
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

    /// All broken invariants.
    pub fn check(&self, visits: &[Visit]) -> Vec<Violation> {
        let mut found = Vec::new();
        self.check_visits(visits, &mut found);
        for order in &self.orders {
            self.check_order(order, &mut found);
        }
        self.check_payments(&mut found);
        self.check_pages(&mut found);
        self.check_stock(&mut found);
        found
    }

    /// Never lose an acknowledged order; the same answer to the same request.
    fn check_visits(&self, visits: &[Visit], found: &mut Vec<Violation>) {
        for visit in visits {
            // A failed order without effects leaves its idempotency key free again.
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
        if order["in_progress"] == true && !is_waiting(order) {
            wrong(format!("an order is {status} and never comes to rest"));
        }
        let live: Vec<_> = of(&self.payments, &id).filter(|payment| is_live(payment)).collect();
        let is_captured = |payment: &Value| payment["status"] == "captured" && payment["captured"] == order["total"];
        // An order by invoice is outstanding until it is marked as paid.
        let is_owed = |payment: &Value| {
            order["paid_by"] == "invoice" && payment["status"] == "authorised" && payment["amount"] == order["total"]
        };
        let is_paid = |payment: &&Value| is_captured(payment) || is_owed(payment);
        if let Some(payment) = live.iter().find(|payment| payment["type"] != order["paid_by"]) {
            let (how, by) = (&order["paid_by"], &payment["type"]);
            wrong(format!("an order is paid by {how}, and its payment by {by}"));
        }
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
            // The shopper may have cancelled it before or after it was confirmed.
            if told != expected && !(told == 0 && what == "confirmed" && status == "cancelled") {
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
            for payment in payments {
                let is_marked = |id: &str| self.marked.iter().any(|marked| marked == id);
                if payment["status"] != "captured" && payment["id"].as_str().is_some_and(is_marked) {
                    let what = format!("an invoice that was marked as paid is {}", payment["status"]);
                    found.push(violation(what, Some(order)));
                }
            }
        }
    }

    /// Never oversell: the stock that is left and the units sold add up to the initial stock.
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

    /// Units of a SKU in orders of this status.
    fn units(&self, sku: &str, status: &str) -> i64 {
        let orders = self.orders.iter().filter(|order| order["status"] == status);
        let lines = orders.flat_map(|order| order["lines"].as_array().into_iter().flatten());
        let units = lines
            .filter(|line| line["sku"] == sku)
            .filter_map(|line| line["quantity"].as_i64());
        units.sum()
    }

    /// All records of an order.
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
        story.extend(self.pages_of(order));
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

/// Whether an order waits for its shopper or for its expiry.
fn is_waiting(order: &Value) -> bool {
    order["status"] == "awaiting_payment"
}

fn is_live(payment: &Value) -> bool {
    let dead = ["voided", "declined", "expired", "refunded"];
    !payment["status"].as_str().is_some_and(|status| dead.contains(&status))
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

/// The response of a part, asked again until there is one.
pub async fn get(shop: &Shop, url: &str) -> Result<Value> {
    let failed = |error: reqwest::Error| Error::because(url, error);
    // A circuit may still be open, or a part not ready.
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
mod tests;
