//! The available providers, and which of them the shop offers.

use std::sync::Arc;

use secrecy::SecretString;
use storage::Db;

use super::{Provider, Unavailable, invoice, stripe, test};
use crate::domain::{Amount, PaymentOption};

/// The available providers.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum ProviderName {
    /// Built in: simulates payments, no money moves
    Test,
    /// Stripe: shoppers pay on its hosted page
    Stripe,
    /// Payment on account: shoppers transfer the money
    Invoice,
}

impl ProviderName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Test => test::NAME,
            Self::Stripe => stripe::NAME,
            Self::Invoice => invoice::NAME,
        }
    }
}

/// The settings of the providers.
#[derive(clap::Args, Clone, Debug)]
#[group(id = "ProviderSettings")]
pub struct Settings {
    /// The payment providers to offer, separated by commas; the first is preselected. Required: there is no default, so that no
    /// shop simulates payments by mistake
    #[arg(
        long = "payment-providers",
        env = "STOA_PAYMENT_PROVIDERS",
        value_enum,
        value_delimiter = ','
    )]
    pub offered: Vec<ProviderName>,
    /// The URL of the public listener as browsers reach it. Shoppers return to it from a provider's page
    #[arg(long, env = "STOA_PUBLIC_URL")]
    pub public_url: Option<String>,
    #[command(flatten)]
    pub stripe: stripe::Settings,
    #[command(flatten)]
    pub invoice: invoice::Settings,
}

/// The default for trying payments on one machine.
const DEFAULT_PUBLIC_URL: &str = "http://127.0.0.1:4107";

impl Settings {
    /// Settings that offer the test provider only.
    #[must_use]
    pub fn test() -> Self {
        Self {
            offered: vec![ProviderName::Test],
            public_url: None,
            stripe: stripe::Settings::default(),
            invoice: invoice::Settings::default(),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The setting that is missing or not valid, in one line.
    pub fn check(&self) -> Result<(), String> {
        if self.offered.is_empty() {
            return Err(
                "STOA_PAYMENT_PROVIDERS is missing: set it to `stripe`; to `invoice`, which needs no contract with a \
                provider; or to `test`, which accepts any card and moves no money"
                    .to_owned(),
            );
        }
        self.stripe().transpose()?;
        self.invoice.check(self.offers(ProviderName::Invoice))
    }

    /// Opens the configured providers. `secret` signs the test provider's webhooks.
    ///
    /// # Errors
    /// The same as of [`Settings::check`].
    pub fn open(&self, db: &Db, secret: SecretString) -> Result<Providers, String> {
        self.check()?;
        let public_url = self.public_url().unwrap_or_else(|| DEFAULT_PUBLIC_URL.to_owned());
        let mut configured: Vec<Arc<dyn Provider>> = vec![
            Arc::new(test::Test::new(&public_url, secret)),
            Arc::new(invoice::Invoice::new(db.clone(), self.invoice.clone())),
        ];
        if let Some(stripe) = self.stripe() {
            configured.push(Arc::new(stripe?));
        }
        let offered = self.offered.iter().map(|name| name.as_str()).collect();
        Ok(Providers { configured, offered })
    }

    fn offers(&self, name: ProviderName) -> bool {
        self.offered.contains(&name)
    }

    /// Stripe, if it is offered or its key is set: payments made earlier are captured and refunded as long as the key is set.
    fn stripe(&self) -> Option<Result<stripe::Stripe, String>> {
        let is_configured = self.offers(ProviderName::Stripe) || self.stripe.has_key();
        is_configured.then(|| self.stripe.open(self.public_url().as_deref()))
    }

    /// In lower case: scheme and host are case-insensitive.
    fn public_url(&self) -> Option<String> {
        self.public_url.as_deref().map(str::to_lowercase)
    }
}

/// The configured providers. A payment keeps its provider, whichever are offered later.
#[derive(Clone, Debug)]
pub struct Providers {
    configured: Vec<Arc<dyn Provider>>,
    offered: Vec<&'static str>,
}

impl From<Arc<dyn Provider>> for Providers {
    fn from(provider: Arc<dyn Provider>) -> Self {
        Self {
            offered: vec![provider.name()],
            configured: vec![provider],
        }
    }
}

impl Providers {
    /// The provider of a payment.
    ///
    /// # Errors
    /// The provider is no longer configured.
    pub fn get(&self, name: &str) -> Result<&Arc<dyn Provider>, Unavailable> {
        let missing = || {
            Unavailable::new(format!(
                "the provider {name} is no longer configured: are its settings missing?"
            ))
        };
        self.find(name).ok_or_else(missing)
    }

    /// The provider with this name, if it is configured.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.configured.iter().find(|provider| provider.name() == name)
    }

    /// The provider with this name, if it is offered for new payments.
    #[must_use]
    pub fn offered(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.find(name)
            .filter(|provider| self.offered.contains(&provider.name()))
    }

    /// The payment options for an amount, or for any.
    #[must_use]
    pub fn payment_options(&self, amount: Option<Amount>) -> Vec<PaymentOption> {
        let offered = self.offered.iter().filter_map(|name| self.find(name));
        let suitable = offered.filter(|provider| amount.is_none_or(|amount| provider.supports(amount)));
        suitable.map(|provider| provider.payment_option()).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.configured.iter()
    }
}
