//! Inventory: units are reserved for an order, and then committed or released.

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use service::{CallError, Client};
use uuid::Uuid;

use super::{rejection, with_retry};
use crate::domain::{Order, OrderLine, Reservation, Sku};

/// Seconds that units are held longer than a shopper has to pay: many times what placing an order takes.
const EXTRA_HOLD_SECONDS: u64 = 300;

/// A client of inventory.
#[derive(Clone, Debug)]
pub struct Inventory {
    client: Client,
    timeout: Duration,
    hold_seconds: u64,
}

#[derive(Serialize)]
struct CreateReservation<'a> {
    order: Uuid,
    lines: Vec<ReservationLine<'a>>,
    expires_in_seconds: u64,
}

#[derive(Serialize)]
struct HoldForPayment {
    client: IpAddr,
    expires_in_seconds: u64,
}

#[derive(Serialize)]
struct CreateRestock<'a> {
    order: Uuid,
    lines: Vec<ReservationLine<'a>>,
    reason: &'a str,
}

#[derive(Serialize)]
struct ReservationLine<'a> {
    sku: &'a Sku,
    quantity: u32,
}

impl<'a> CreateReservation<'a> {
    fn of(order: &'a Order, expires_in_seconds: u64) -> Self {
        let line = |line: &'a OrderLine| ReservationLine {
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
    /// `timeout` is for one attempt of a call; `page_time` is how long shoppers have to pay.
    #[must_use]
    pub fn new(client: Client, timeout: Duration, page_time: Duration) -> Self {
        Self {
            client,
            timeout,
            hold_seconds: page_time.as_secs() + EXTRA_HOLD_SECONDS,
        }
    }

    /// Reserves the units of all lines, or of none. Repeating it gives the same answer.
    pub async fn reserve(&self, order: &Order) -> Result<Reservation, CallError> {
        let key = format!("{}:reserve", order.id);
        let body = CreateReservation::of(order, self.hold_seconds);
        let request = || {
            let request = self.client.post(&["reservations"]).timeout(self.timeout);
            request.idempotency_key(&key).json(&body)
        };
        with_retry(|| request().send()).await
    }

    /// Holds the units while the order awaits payment: for at most `time`, and only within the client's share of the stock.
    pub async fn hold_for_payment(
        &self,
        reservation: Uuid,
        client: IpAddr,
        time: Duration,
    ) -> Result<Reservation, CallError> {
        let id = reservation.to_string();
        let body = HoldForPayment {
            client,
            expires_in_seconds: time.as_secs(),
        };
        let request = || {
            let request = self.client.post(&["reservations", &id, "wait"]).timeout(self.timeout);
            request.json(&body)
        };
        with_retry(|| request().send()).await
    }

    /// Takes the reserved units from stock.
    pub async fn commit(&self, reservation: Uuid) -> Result<(), CallError> {
        let id = reservation.to_string();
        let request = || self.client.post(&["reservations", &id, "commit"]).timeout(self.timeout);
        with_retry(|| request().done()).await
    }

    /// Puts committed units back into stock.
    pub async fn restock(&self, order: &Order) -> Result<(), CallError> {
        let key = format!("{}:restock", order.id);
        let body = CreateRestock {
            order: order.id,
            lines: CreateReservation::of(order, self.hold_seconds).lines,
            // A restock begun before an upgrade is repeated under the same key, so its body must stay the same.
            reason: "The order could not be kept",
        };
        let request = || {
            let request = self.client.post(&["restocks"]).timeout(self.timeout);
            request.idempotency_key(&key).json(&body)
        };
        with_retry(|| request().done()).await
    }

    /// Releases reserved units.
    pub async fn release(&self, reservation: Uuid) -> Result<(), CallError> {
        let id = reservation.to_string();
        let request = || self.client.delete(&["reservations", &id]).timeout(self.timeout);
        with_retry(|| request().done()).await
    }
}

/// Whether the answer to a request to reserve units means that there is no reservation and never will be one. Other problems
/// do not.
pub fn means_no_reservation(error: &CallError) -> bool {
    rejection(error).is_some_and(|problem| problem.is_any(&["out-of-stock", "invalid"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::Contract;

    use super::*;

    #[test]
    fn inventory_contract_is_kept() {
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
        let body = CreateReservation {
            order: serde_json::from_value(documented["order"].clone()).unwrap(),
            lines: vec![ReservationLine { sku: &sku, quantity: 2 }],
            expires_in_seconds: 900,
        };
        assert_eq!(json!(body), documented);
        let body = HoldForPayment {
            client: [203, 0, 113, 7].into(),
            expires_in_seconds: 180,
        };
        assert_eq!(json!(body), contract.request("post", "/reservations/{id}/wait"));
        let held: Reservation = contract.read("post", "/reservations/{id}/wait", 200);
        assert!(held.expires_at > chrono::DateTime::UNIX_EPOCH);
        let restock = contract.request("post", "/restocks");
        assert!(restock["lines"][0]["sku"].is_string() && restock["reason"].is_string());
        assert!(contract.answer("post", "/restocks", 201)["id"].is_string());
    }
}
