//! Payments: where cards go.

use serde::{Deserialize, Serialize};
use service::{CallError, Client};

/// The payments service.
#[derive(Clone, Debug)]
pub struct Payments(Client);

/// A card as its holder types it: on its way to payments and nowhere else, so it has no `Debug`.
#[derive(Serialize)]
pub struct Card {
    pub number: String,
    pub expiry: String,
    pub cvc: String,
    pub holder: String,
}

/// A card that can be charged.
#[derive(Debug, Deserialize)]
struct Method {
    id: String,
}

impl Payments {
    /// Payments, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Hands a card over for a name that can be charged once the order stands.
    pub async fn create_method(&self, card: &Card) -> Result<String, CallError> {
        let method: Method = self.0.post(&["payment-methods"]).json(card).send().await?;
        Ok(method.id)
    }
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
        assert_eq!(
            serde_json::to_value(card).unwrap(),
            contract.request("post", "/payment-methods")
        );
    }
}
