//! The cart, which is empty once its order stands.

use std::time::Duration;

use service::{CallError, Client};
use uuid::Uuid;

use super::twice;

/// The cart service.
#[derive(Clone, Debug)]
pub struct Cart {
    client: Client,
    timeout: Duration,
}

impl Cart {
    /// The one that `client` reaches; no try takes longer than `timeout`.
    #[must_use]
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout }
    }

    /// Takes everything out of a cart.
    pub async fn clear(&self, cart: Uuid) -> Result<(), CallError> {
        let id = cart.to_string();
        let request = || self.client.delete(&["carts", &id, "lines"]).timeout(self.timeout);
        twice(|| request().done()).await
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    #[test]
    fn the_contract_is_kept() {
        let cart = Contract::of("services/cart").answer("delete", "/carts/{id}/lines", 200);
        assert_eq!(cart["quantity"], 0);
    }
}
