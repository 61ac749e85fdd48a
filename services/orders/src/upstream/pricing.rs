//! Pricing: quotes are verified with its public keys.

use std::time::Duration;

use jws::Verifier;
use service::{Client, causes};
use values::Violation;

use super::unavailable;
use crate::domain::{Quote, QuoteToken};
use crate::error::Error;

/// A verifier of quotes.
#[derive(Clone, Debug)]
pub struct Pricing(Verifier);

impl Pricing {
    /// `timeout` is for one attempt to fetch keys.
    #[must_use]
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self(Verifier::new(client, timeout))
    }

    /// Reads a quote that pricing has signed. It may have expired.
    pub async fn verify(&self, token: &QuoteToken) -> Result<Quote, Error> {
        let forged = || Violation::new("/quote", "This is not a quote of this shop.");
        let verified = self.0.verify(token.as_ref()).await;
        let payload = verified.map_err(|error| unavailable(&error))?.ok_or_else(forged)?;
        serde_json::from_slice(&payload).map_err(|error| {
            tracing::error!(error = causes(&error), "a signed quote cannot be read");
            forged().into()
        })
    }
}

#[cfg(test)]
mod tests {
    use testkit::{Contract, Double};

    use super::*;

    #[tokio::test]
    async fn documented_quote_verifies_with_the_documented_key() {
        let documented = Contract::of("services/pricing").answer("post", "/quotes", 201);
        let token: QuoteToken = serde_json::from_value(documented["token"].clone()).unwrap();
        let double = Double::of("services/pricing").await;
        let client = Client::new("pricing", double.url().parse().unwrap());
        let pricing = Pricing::new(client, Duration::from_secs(2));
        assert!(pricing.verify(&token).await.is_ok());
        let mut forged = token.as_ref().to_owned();
        forged.replace_range(200..201, if &forged[200..201] == "A" { "B" } else { "A" });
        assert!(pricing.verify(&forged.try_into().unwrap()).await.is_err());
    }
}
