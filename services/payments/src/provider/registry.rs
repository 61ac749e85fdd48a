//! Which providers there are, and which of them are offered.

use std::sync::Arc;

use secrecy::SecretString;
use storage::Db;

use super::{Provider, Unavailable, invoice, stripe, test};
use crate::domain::{Amount, PaymentOption};

/// The providers there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Name {
    /// Built in; moves no money
    Test,
    /// <https://stripe.com>
    Stripe,
    /// The shopper gets an invoice and transfers the money
    Invoice,
}

impl Name {
    fn as_str(self) -> &'static str {
        match self {
            Self::Test => test::NAME,
            Self::Stripe => stripe::NAME,
            Self::Invoice => invoice::NAME,
        }
    }
}

/// Settings of the providers.
#[derive(clap::Args, Clone, Debug)]
#[group(id = "ProviderSettings")]
pub struct Settings {
    /// Who moves the money, with commas between several; shoppers choose, and the first is what they find chosen. There is no
    /// default, so that nobody takes for paid what is not
    #[arg(
        long = "payment-providers",
        env = "STOA_PAYMENT_PROVIDERS",
        value_enum,
        value_delimiter = ','
    )]
    pub offered: Vec<Name>,
    /// Where browsers find the public door of this part: shoppers come back there from a provider's page
    #[arg(long, env = "STOA_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Stripe
    #[command(flatten)]
    pub stripe: stripe::Settings,
    /// Invoices
    #[command(flatten)]
    pub invoice: invoice::Settings,
}

/// Where the public door is, for whoever tries payments on this machine.
const PUBLIC_URL: &str = "http://127.0.0.1:4107";

impl Settings {
    /// Those of the test provider alone.
    #[must_use]
    pub fn test() -> Self {
        Self {
            offered: vec![Name::Test],
            public_url: None,
            stripe: stripe::Settings::default(),
            invoice: invoice::Settings::default(),
        }
    }

    /// The setting that is missing or makes no sense, in one line.
    pub fn check(&self) -> Result<(), String> {
        if self.offered.is_empty() {
            return Err(
                "STOA_PAYMENT_PROVIDERS is missing: who moves the money? `stripe`; `invoice`, which needs no \
                contract with anybody; or `test`, which moves none and takes any card"
                    .to_owned(),
            );
        }
        self.stripe().transpose()?;
        self.invoice.check(self.offers(Name::Invoice))
    }

    /// The providers that are set up. `secret` signs the test provider's webhooks.
    ///
    /// # Errors
    /// As [`Settings::check`] says.
    pub fn open(&self, db: &Db, secret: SecretString) -> Result<Providers, String> {
        self.check()?;
        let public_url = self.public_url().unwrap_or_else(|| PUBLIC_URL.to_owned());
        let mut known: Vec<Arc<dyn Provider>> = vec![
            Arc::new(test::Test::new(&public_url, secret)),
            Arc::new(invoice::Invoice::new(db.clone(), self.invoice.clone())),
        ];
        if let Some(stripe) = self.stripe() {
            known.push(Arc::new(stripe?));
        }
        let offered = self.offered.iter().map(|name| name.as_str()).collect();
        Ok(Providers { known, offered })
    }

    fn offers(&self, name: Name) -> bool {
        self.offered.contains(&name)
    }

    /// Stripe, where it is offered or was once: what it holds is captured and refunded as long as its key is set.
    fn stripe(&self) -> Option<Result<stripe::Stripe, String>> {
        let is_set_up = self.offers(Name::Stripe) || self.stripe.has_key();
        is_set_up.then(|| self.stripe.open(self.public_url().as_deref()))
    }

    /// Scheme and host, which are the same in whatever case.
    fn public_url(&self) -> Option<String> {
        self.public_url.as_deref().map(str::to_lowercase)
    }
}

/// The providers that are set up. Each payment has one, and keeps it, whatever is offered later.
#[derive(Clone, Debug)]
pub struct Providers {
    known: Vec<Arc<dyn Provider>>,
    offered: Vec<&'static str>,
}

impl From<Arc<dyn Provider>> for Providers {
    fn from(provider: Arc<dyn Provider>) -> Self {
        Self {
            offered: vec![provider.name()],
            known: vec![provider],
        }
    }
}

impl Providers {
    /// The one that a payment was made with.
    ///
    /// # Errors
    /// It is not set up any longer.
    pub fn of(&self, name: &str) -> Result<&Arc<dyn Provider>, Unavailable> {
        let missing = || {
            Unavailable::new(format!(
                "the provider {name} is not set up any longer: are its settings missing?"
            ))
        };
        self.find(name).ok_or_else(missing)
    }

    /// The one of this name, if it is set up.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.known.iter().find(|provider| provider.name() == name)
    }

    /// The one of this name, if new payments may be made with it.
    #[must_use]
    pub fn offered(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.find(name)
            .filter(|provider| self.offered.contains(&provider.name()))
    }

    /// What whoever owes so much may choose from.
    #[must_use]
    pub fn options(&self, amount: Option<Amount>) -> Vec<PaymentOption> {
        let offered = self.offered.iter().filter_map(|name| self.find(name));
        let able = offered.filter(|provider| amount.is_none_or(|amount| provider.takes(amount)));
        able.map(|provider| provider.option()).collect()
    }

    /// All that are set up.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.known.iter()
    }
}
