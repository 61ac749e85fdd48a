//! Payments: payment options, payment methods, and the state of an order's payment.

use chrono::{DateTime, Utc};
use money::Money;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use service::{CallError, Client};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{List, OPTIONAL_TIMEOUT, optional};

/// The payments service.
#[derive(Clone, Debug)]
pub struct Payments(Client);

/// How an order is paid.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentType {
    /// With a card that is entered in the shop's checkout form
    Card,
    /// On a payment provider's page
    HostedPage,
    /// By bank transfer, after the order is confirmed
    Invoice,
    /// A type that payments has added since and the checkout page cannot offer
    #[serde(other)]
    Other,
}

/// A payment option offered at checkout.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct PaymentOption {
    /// Payment provider; the value of the form field `payment`
    pub provider: String,
    /// How the shopper pays
    #[serde(rename = "type")]
    pub payment_type: PaymentType,
    /// Name shown to shoppers
    pub label: String,
    /// Whether this is a test provider that moves no money
    pub is_test: bool,
    /// Days until an invoice is due; null for other types
    pub days_to_pay: Option<u32>,
}

/// A card as entered by the shopper. It is sent to payments and nowhere else, so it has no `Debug`.
#[derive(Serialize)]
pub struct Card {
    #[serde(serialize_with = "expose")]
    pub number: SecretString,
    pub expiry: String,
    #[serde(serialize_with = "expose")]
    pub cvc: SecretString,
    pub holder: String,
}

fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

#[derive(Serialize)]
struct CreatePaymentMethod<'a> {
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<&'a Card>,
}

/// A payment method.
#[derive(Debug, Deserialize)]
struct PaymentMethod {
    id: String,
}

/// The payment of an order.
#[derive(Debug, Deserialize)]
pub struct Payment {
    status: String,
    transfer: Option<Transfer>,
}

/// Bank details for paying an invoice.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Transfer {
    /// Name of the account holder
    pub account_holder: String,
    /// IBAN, without spaces
    pub iban: String,
    /// BIC, or null
    pub bic: Option<String>,
    /// Payment reference that the shopper must give
    pub reference: String,
    /// When the payment is due (RFC 3339)
    pub due_at: DateTime<Utc>,
}

impl Payment {
    /// Whether the shopper still has to pay.
    pub fn requires_action(&self) -> bool {
        self.status == "requires_action"
    }

    /// Whether the money has been received; true for a refunded payment as well.
    pub fn is_paid(&self) -> bool {
        matches!(&*self.status, "captured" | "refunded")
    }

    /// The bank details, as long as the payment is outstanding.
    pub fn transfer(self) -> Option<Transfer> {
        self.transfer.filter(|_| self.status == "authorised")
    }
}

impl Payments {
    /// The payments service behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// All payment options, for any amount.
    pub async fn options(&self) -> Result<Vec<PaymentOption>, CallError> {
        let list: List<PaymentOption> = self.0.get(&["payment-options"]).send().await?;
        Ok(supported(list.items))
    }

    /// The payment options for this total, the default first; if payments answers in time.
    pub async fn optional_options(&self, total: Money) -> Option<Vec<PaymentOption>> {
        let query = [
            ("amount", total.minor.to_string()),
            ("currency", total.currency.code().to_owned()),
        ];
        let call = self.0.get(&["payment-options"]).query(&query).timeout(OPTIONAL_TIMEOUT);
        let list: List<PaymentOption> = optional(call.send().await)?;
        Some(supported(list.items))
    }

    /// Creates a payment method and returns its id, which orders charges once the order is confirmed.
    pub async fn create_method(&self, provider: &str, card: Option<&Card>) -> Result<String, CallError> {
        let request = CreatePaymentMethod { provider, card };
        let call = self.0.post(&["payment-methods"]).json(&request);
        let method: PaymentMethod = call.send().await?;
        Ok(method.id)
    }

    /// The payment of an order, if payments answers in time.
    pub async fn optional_payment_of(&self, order: Uuid) -> Option<Payment> {
        let query = [("order", order.to_string())];
        let call = self.0.get(&["payments"]).query(&query).timeout(OPTIONAL_TIMEOUT);
        let list: List<Payment> = optional(call.send().await)?;
        list.items.into_iter().next()
    }
}

fn supported(mut options: Vec<PaymentOption>) -> Vec<PaymentOption> {
    options.retain(|option| option.payment_type != PaymentType::Other);
    options
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_is_readable() {
        let contract = Contract::of("services/payments");
        let method: PaymentMethod = contract.read("post", "/payment-methods", 201);
        assert!(method.id.starts_with("pm_"));
        let card = Card {
            number: "4242424242424242".into(),
            expiry: "12/49".into(),
            cvc: "123".into(),
            holder: "Ada Lovelace".into(),
        };
        let request = CreatePaymentMethod {
            provider: "test",
            card: Some(&card),
        };
        assert_eq!(
            serde_json::to_value(request).unwrap(),
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
