//! Units are held for an order, and then leave the shelf or are released.

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use service::{CallError, Client};
use uuid::Uuid;

use super::{refusal, twice};
use crate::domain::{Order, Sku};
use crate::saga::Reservation;

/// How much longer units are held than a shopper may take to pay, in seconds: many times what placing an order takes.
const SPARE_SECONDS: u64 = 300;

/// The inventory service.
#[derive(Clone, Debug)]
pub struct Inventory {
    client: Client,
    timeout: Duration,
    hold_seconds: u64,
}

#[derive(Serialize)]
struct Wish<'a> {
    order: Uuid,
    lines: Vec<Line<'a>>,
    expires_in_seconds: u64,
}

#[derive(Serialize)]
struct Wait {
    client: IpAddr,
    expires_in_seconds: u64,
}

#[derive(Serialize)]
struct Return<'a> {
    order: Uuid,
    lines: Vec<Line<'a>>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    sku: &'a Sku,
    quantity: u32,
}

impl<'a> Wish<'a> {
    fn of(order: &'a Order, expires_in_seconds: u64) -> Self {
        let line = |line: &'a crate::domain::Line| Line {
            sku: &line.sku,
            quantity: line.quantity,
        };
        Self {
            order: order.id,
            lines: order.lines.iter().map(line).collect(),
            expires_in_seconds,
        }
    }
}

impl Inventory {
    /// The one that `client` reaches; no try takes longer than `timeout`. Shoppers take up to `page_time` to pay.
    #[must_use]
    pub fn new(client: Client, timeout: Duration, page_time: Duration) -> Self {
        Self {
            client,
            timeout,
            hold_seconds: page_time.as_secs() + SPARE_SECONDS,
        }
    }

    /// Holds the units of all lines, or of none. Asking again gives the same answer.
    pub async fn reserve(&self, order: &Order) -> Result<Reservation, CallError> {
        let (key, wish) = (format!("{}:reserve", order.id), Wish::of(order, self.hold_seconds));
        let request = || {
            let request = self.client.post(&["reservations"]).timeout(self.timeout);
            request.idempotency_key(&key).json(&wish)
        };
        twice(|| request().send()).await
    }

    /// Goes on holding the units, for so long at most and as far as they are the share of one client.
    pub async fn wait(&self, reservation: Uuid, client: IpAddr, time: Duration) -> Result<Reservation, CallError> {
        let id = reservation.to_string();
        let wait = Wait {
            client,
            expires_in_seconds: time.as_secs(),
        };
        let request = || {
            let request = self.client.post(&["reservations", &id, "wait"]).timeout(self.timeout);
            request.json(&wait)
        };
        twice(|| request().send()).await
    }

    /// Takes the units from the shelf.
    pub async fn commit(&self, reservation: Uuid) -> Result<(), CallError> {
        let id = reservation.to_string();
        let request = || self.client.post(&["reservations", &id, "commit"]).timeout(self.timeout);
        twice(|| request().done()).await
    }

    /// Puts units that have left the shelf back there.
    pub async fn restock(&self, order: &Order) -> Result<(), CallError> {
        let key = format!("{}:restock", order.id);
        let back = Return {
            order: order.id,
            lines: Wish::of(order, self.hold_seconds).lines,
            reason: "The order could not be kept",
        };
        let request = || {
            let request = self.client.post(&["restocks"]).timeout(self.timeout);
            request.idempotency_key(&key).json(&back)
        };
        twice(|| request().done()).await
    }

    /// Gives the units back to everybody.
    pub async fn release(&self, reservation: Uuid) -> Result<(), CallError> {
        let id = reservation.to_string();
        let request = || self.client.delete(&["reservations", &id]).timeout(self.timeout);
        twice(|| request().done()).await
    }
}

/// Whether inventory, asked to hold units, says that it holds none and will hold none. Any other no says something else.
pub fn is_none(error: &CallError) -> bool {
    refusal(error).is_some_and(|problem| problem.is_any(&["out-of-stock", "invalid"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_is_kept() {
        let contract = Contract::of("services/inventory");
        let held: Reservation = contract.read("post", "/reservations", 201);
        assert!(held.expires_at > chrono::DateTime::UNIX_EPOCH);
        let committed = contract.answer("post", "/reservations/{id}/commit", 200);
        let released = contract.answer("delete", "/reservations/{id}", 200);
        assert_eq!(
            (&committed["status"], &released["status"]),
            (&json!("committed"), &json!("released"))
        );
        let documented = contract.request("post", "/reservations");
        let sku = Sku::try_from("onda-vase-sand".to_owned()).unwrap();
        let wish = Wish {
            order: serde_json::from_value(documented["order"].clone()).unwrap(),
            lines: vec![Line { sku: &sku, quantity: 2 }],
            expires_in_seconds: 900,
        };
        assert_eq!(json!(wish), documented);
        let wait = Wait {
            client: [203, 0, 113, 7].into(),
            expires_in_seconds: 180,
        };
        assert_eq!(json!(wait), contract.request("post", "/reservations/{id}/wait"));
        let held: Reservation = contract.read("post", "/reservations/{id}/wait", 200);
        assert!(held.expires_at > chrono::DateTime::UNIX_EPOCH);
        let restock = contract.request("post", "/restocks");
        assert!(restock["lines"][0]["sku"].is_string() && restock["reason"].is_string());
        assert!(contract.answer("post", "/restocks", 201)["id"].is_string());
    }
}
