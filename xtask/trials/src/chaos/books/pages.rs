//! Whether payments and the double of Stripe, on whose pages shoppers pay, agree about the money.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Books, Violation, is_waiting, of, violation};

const PROVIDER: &str = "stripe";

impl Books {
    /// Whether payments has not yet read the result of a page, or orders that of a payment.
    pub(super) fn is_news_on_its_way(&self) -> bool {
        let decided = self.orders.iter().filter(|order| is_waiting(order)).any(|order| {
            let id = order["id"].as_str().unwrap_or_default();
            of(&self.payments, id).all(|payment| payment["status"] != "requires_action")
        });
        let mut waiting = self
            .page_payments()
            .filter(|(_, payment)| payment["status"] == "requires_action");
        decided || waiting.any(|(_, payment)| !self.pages(payment).all(is_open))
    }

    /// Never hold or take money without a payment, nor for an order that failed; never leave a payment page open after its
    /// stock was released.
    pub(super) fn check_pages(&self, found: &mut Vec<Violation>) {
        for (order, payment) in self.page_payments() {
            self.check_page_payment(order, payment, found);
        }
        let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
        for intent in &self.ledger.charges {
            let order = named(intent, "order");
            if is_of_money(intent) && self.payment_of(intent).is_none() {
                let what = format!("money at Stripe of a payment that nobody knows: {intent}");
                found.push(violation(what, Some(&order.to_owned())));
            }
            let status = self.status(order).unwrap_or("not there");
            if is_of_money(intent) && status != "completed" {
                let what = format!("an order is {status}, and its money at Stripe {}", intent["status"]);
                found.push(violation(what, Some(&order.to_owned())));
            }
            *taken.entry(order).or_default() += usize::from(intent["status"] == "succeeded");
        }
        for (order, times) in taken.into_iter().filter(|(_, times)| *times > 1) {
            let what = format!("for one order money was taken {times} times at Stripe");
            found.push(violation(what, Some(&order.to_owned())));
        }
        for page in self.ledger.sessions.iter().filter(|page| is_open(page)) {
            self.check_open_page(page, found);
        }
    }

    fn check_page_payment(&self, order: &String, payment: &Value, found: &mut Vec<Violation>) {
        let intents: Vec<_> = self.intents(payment).collect();
        let status = payment["status"].as_str().unwrap_or_default();
        let intent = intents.first().and_then(|intent| intent["status"].as_str());
        let is_same = match status {
            "captured" | "refunded" => intent == Some("succeeded"),
            "authorised" => intent == Some("requires_capture"),
            "voided" | "expired" | "declined" => matches!(intent, None | Some("canceled")),
            _ => matches!(intent, None | Some("requires_payment_method" | "requires_action")),
        };
        let sum = |field: &str| intents.iter().filter_map(|intent| intent[field].as_i64()).sum::<i64>();
        let is_equal = payment["captured"]["minor"] == sum("amount_received")
            && payment["refunded"]["minor"] == sum("amount_refunded");
        if intents.len() > 1 || !is_same || !is_equal {
            let what = format!("payments and Stripe do not agree: {status}, {intents:?}");
            found.push(violation(what, Some(order)));
        }
        if status == "requires_action" && !self.pages(payment).any(is_open) {
            found.push(violation(
                "nobody can pay on a page that is waited for".to_owned(),
                Some(order),
            ));
        }
    }

    /// A page that payments does not know of was created before a crash, and no shopper was sent there: it expires by itself.
    fn check_open_page(&self, page: &Value, found: &mut Vec<Violation>) {
        let Some(payment) = self.payment_of(page) else { return };
        let order = named(page, "order").to_owned();
        let is_awaited = self.orders.iter().any(|one| one["id"] == *order && is_waiting(one));
        if payment["status"] != "requires_action" || !is_awaited {
            let status = self.status(&order).unwrap_or("not there");
            let what = format!(
                "an order is {status}, its payment {}, and its page open",
                payment["status"]
            );
            found.push(violation(what, Some(&order)));
        }
    }

    /// Payments on pages, with their orders.
    fn page_payments(&self) -> impl Iterator<Item = (&String, &Value)> {
        let all = self.payments.iter();
        let all = all.flat_map(|(order, payments)| payments.iter().map(move |payment| (order, payment)));
        all.filter(|(_, payment)| payment["provider"] == PROVIDER)
    }

    fn payment_of(&self, object: &Value) -> Option<&Value> {
        let id = named(object, "payment");
        let mut all = self.page_payments().map(|(_, payment)| payment);
        all.find(|payment| payment["id"] == *id)
    }

    fn intents<'a>(&'a self, payment: &'a Value) -> impl Iterator<Item = &'a Value> {
        let is_its = |intent: &&Value| intent["metadata"]["payment"] == payment["id"];
        self.ledger.charges.iter().filter(is_its)
    }

    fn pages<'a>(&'a self, payment: &'a Value) -> impl Iterator<Item = &'a Value> {
        let is_its = |page: &&Value| page["metadata"]["payment"] == payment["id"];
        self.ledger.sessions.iter().filter(is_its)
    }

    /// The double's records of an order.
    pub(super) fn pages_of(&self, order: &str) -> impl Iterator<Item = String> {
        let all = self.ledger.sessions.iter().chain(&self.ledger.charges);
        all.filter(move |one| one["metadata"]["order"] == *order)
            .map(|one| format!("at Stripe {one}"))
    }
}

fn named<'a>(object: &'a Value, what: &str) -> &'a str {
    object["metadata"][what].as_str().unwrap_or_default()
}

fn is_open(page: &Value) -> bool {
    page["status"] == "open"
}

/// Whether money is held back or was taken, and not given back since.
fn is_of_money(intent: &Value) -> bool {
    match intent["status"].as_str() {
        Some("requires_capture" | "processing") => true,
        Some("succeeded") => intent["amount_refunded"] != intent["amount_received"],
        _ => false,
    }
}
