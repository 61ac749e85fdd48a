//! Payments: how shoppers may pay, where cards go, and where a transfer goes.

use chrono::{DateTime, Utc};
use money::Money;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use service::{CallError, Client};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{List, PATIENCE, optional};

/// The payments service.
#[derive(Clone, Debug)]
pub struct Payments(Client);

/// How shoppers pay.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentType {
    /// By a card that is typed into the shop's form
    Card,
    /// On a page of a payment provider's
    HostedPage,
    /// By a bank transfer, after the order stands
    Invoice,
    /// In a way that payments has come to know since, and this page cannot offer
    #[serde(other)]
    Other,
}

/// A way to pay that is on offer.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct PaymentOption {
    /// Its name in forms
    pub provider: String,
    /// How it works
    #[serde(rename = "type")]
    pub payment_type: PaymentType,
    /// Whose name the shopper sees
    pub label: String,
    /// Whether no money moves
    pub is_test: bool,
    /// Days that an invoice gives the shopper
    pub days_to_pay: Option<u32>,
}

/// A card as its holder types it: on its way to payments and nowhere else, so it has no `Debug`.
#[derive(Serialize)]
pub struct Card {
    #[serde(serialize_with = "revealed")]
    pub number: SecretString,
    pub expiry: String,
    #[serde(serialize_with = "revealed")]
    pub cvc: SecretString,
    pub holder: String,
}

fn revealed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

#[derive(Serialize)]
struct Wish<'a> {
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<&'a Card>,
}

/// Something to pay with.
#[derive(Debug, Deserialize)]
struct Method {
    id: String,
}

/// A payment, as far as an order's page tells of it.
#[derive(Debug, Deserialize)]
pub struct Payment {
    status: String,
    transfer: Option<Transfer>,
}

/// Where the shopper transfers the money to.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Transfer {
    /// Whose account it is
    pub account_holder: String,
    /// Its number, without spaces
    pub iban: String,
    /// Its bank, where that is told
    pub bic: Option<String>,
    /// What the shopper writes on it
    pub reference: String,
    /// Until when
    pub due_at: DateTime<Utc>,
}

impl Payment {
    /// Whether its shopper can still pay.
    pub fn is_open(&self) -> bool {
        self.status == "requires_action"
    }

    /// Whether the money is there, or was.
    pub fn is_paid(&self) -> bool {
        matches!(&*self.status, "captured" | "refunded")
    }

    /// Where to transfer what is owed.
    pub fn transfer(self) -> Option<Transfer> {
        self.transfer.filter(|_| self.status == "authorised")
    }
}

impl Payments {
    /// Payments, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The ways to pay that are on offer, whatever the amount.
    pub async fn options(&self) -> Result<Vec<PaymentOption>, CallError> {
        let list: List<PaymentOption> = self.0.get(&["payment-options"]).send().await?;
        Ok(known(list.items))
    }

    /// The ways to pay so much, the usual one first; if that can be had quickly.
    pub async fn options_soon(&self, total: Money) -> Option<Vec<PaymentOption>> {
        let query = [
            ("amount", total.minor.to_string()),
            ("currency", total.currency.code().to_owned()),
        ];
        let call = self.0.get(&["payment-options"]).query(&query).timeout(PATIENCE);
        let list: List<PaymentOption> = optional(call.send().await)?;
        Some(known(list.items))
    }

    /// Hands over what the shopper pays with, for a name that can be charged once the order stands.
    pub async fn create_method(&self, provider: &str, card: Option<&Card>) -> Result<String, CallError> {
        let call = self.0.post(&["payment-methods"]).json(&Wish { provider, card });
        let method: Method = call.send().await?;
        Ok(method.id)
    }

    /// The payment of an order that stands, if that can be had quickly.
    pub async fn of_order_soon(&self, order: Uuid) -> Option<Payment> {
        let query = [("order", order.to_string())];
        let call = self.0.get(&["payments"]).query(&query).timeout(PATIENCE);
        let list: List<Payment> = optional(call.send().await)?;
        list.items.into_iter().next()
    }
}

fn known(mut options: Vec<PaymentOption>) -> Vec<PaymentOption> {
    options.retain(|option| option.payment_type != PaymentType::Other);
    options
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/payments");
        let method: Method = contract.read("post", "/payment-methods", 201);
        assert!(method.id.starts_with("pm_"));
        let card = Card {
            number: "4242424242424242".into(),
            expiry: "12/49".into(),
            cvc: "123".into(),
            holder: "Ada Lovelace".into(),
        };
        let wish = Wish {
            provider: "test",
            card: Some(&card),
        };
        assert_eq!(
            serde_json::to_value(wish).unwrap(),
            contract.request("post", "/payment-methods")
        );
        let options: List<PaymentOption> = contract.read("get", "/payment-options", 200);
        let types: Vec<_> = options.items.iter().map(|option| option.payment_type).collect();
        assert_eq!(
            types,
            [PaymentType::Card, PaymentType::HostedPage, PaymentType::Invoice]
        );
        let payments: List<Payment> = contract.read("get", "/payments", 200);
        assert!(payments.items[0].is_paid());
    }
}
