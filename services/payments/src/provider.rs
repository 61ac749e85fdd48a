//! Who really moves the money.

mod signature;
mod stripe;
pub(crate) mod test;

use std::fmt::{self, Debug};
use std::sync::Arc;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use crate::domain::card::Card;
use crate::domain::{Amount, News, Progress, Reference, Standing, Violation};
pub use crate::domain::{Authorisation, Charge, Kept, Token};

/// The providers there are.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Name {
    /// Built in; moves no money
    Test,
    /// <https://stripe.com>
    Stripe,
}

/// What nobody reads in a log line.
#[derive(Clone)]
pub struct Secret(String);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// Settings of the providers.
#[derive(clap::Args, Clone, Debug)]
#[group(id = "ProviderSettings")]
pub struct Settings {
    /// Who moves the money: there is no default, so that nobody takes for paid what is not
    #[arg(long = "payment-provider", env = "STOA_PAYMENT_PROVIDER", value_enum)]
    pub name: Option<Name>,
    /// Where shoppers find the test provider's bank: the public door of this very part, as browsers reach it
    #[arg(long, env = "STOA_TEST_BANK_URL", default_value = TEST_BANK)]
    pub test_bank_url: String,
    /// Where Stripe's API is
    #[arg(long, env = "STOA_STRIPE_URL", default_value = STRIPE)]
    pub stripe_url: stripe::Url,
    /// Stripe's secret key, sk_…; needed where Stripe moves the money
    #[arg(long, env = "STOA_STRIPE_KEY", hide_env_values = true)]
    pub stripe_key: Option<Secret>,
    /// The secret of Stripe's webhooks, whsec_…; needed where Stripe moves the money
    #[arg(long, env = "STOA_STRIPE_WEBHOOK_SECRET", hide_env_values = true)]
    pub stripe_webhook_secret: Option<Secret>,
    /// Who is believed to be Stripe
    #[command(flatten)]
    pub https: https::Settings,
}

const TEST_BANK: &str = "http://127.0.0.1:4107";
const STRIPE: &str = "https://api.stripe.com";

impl Settings {
    /// Those of the test provider.
    #[must_use]
    pub fn test() -> Self {
        Self {
            name: Some(Name::Test),
            test_bank_url: TEST_BANK.to_owned(),
            stripe_url: STRIPE.parse().expect("an address"),
            stripe_key: None,
            stripe_webhook_secret: None,
            https: https::Settings::default(),
        }
    }

    /// The provider that is meant. `secret` signs the test provider's webhooks.
    ///
    /// # Errors
    /// A setting that it needs is missing, in one line.
    pub fn open(&self, secret: &str) -> Result<Arc<dyn Provider>, String> {
        let needed = |secret: &Option<Secret>, name| {
            let secret = secret.as_ref().filter(|Secret(text)| !text.is_empty());
            let secret = secret.ok_or_else(|| format!("{name} is missing: Stripe does not work without it"));
            secret.map(|Secret(text)| text.clone())
        };
        let name = self.name.ok_or(
            "STOA_PAYMENT_PROVIDER is missing: who moves the money? `stripe`; or `test`, which moves none and takes any card",
        )?;
        Ok(match name {
            Name::Test => Arc::new(test::Test::new(&self.test_bank_url, secret)),
            Name::Stripe => Arc::new(stripe::Stripe::new(
                https::Client::new(&self.https).map_err(|unfit| unfit.to_string())?,
                self.stripe_url.clone(),
                &needed(&self.stripe_key, "STOA_STRIPE_KEY")?,
                needed(&self.stripe_webhook_secret, "STOA_STRIPE_WEBHOOK_SECRET")?,
            )?),
        })
    }
}

/// No answer, or none that can be used: the outcome is unknown.
#[derive(Debug, thiserror::Error)]
#[error("the provider does not answer: {0}")]
pub struct Unavailable(pub String);

/// A definite no, in the provider's words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused(pub String);

/// A webhook that is not believed, or makes no sense.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Rejected(pub &'static str);

/// What a provider tells of its own accord.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice {
    /// Its name, the same however often it is told
    pub id: String,
    /// The payment that it is about
    pub payment: Authorisation,
    /// What it says
    pub news: News,
}

/// A webhook that is delivered inside this process.
#[derive(Debug)]
pub struct Delivery {
    /// Its headers
    pub headers: HeaderMap,
    /// Its body
    pub body: Vec<u8>,
    /// Dropped when it was heard
    pub heard: oneshot::Sender<()>,
}

/// An answer to come.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Unavailable>>;

/// A provider. What moves money is asked for under a reference of ours. After an answer that was lost we look first
/// ([`Provider::find`], [`Provider::find_refund`]), and ask again, under the same reference, only for what has not
/// happened: that is what "never charge twice" rests on.
pub trait Provider: Debug + Send + Sync {
    /// Keeps a card.
    fn keep<'a>(&'a self, card: &'a Card) -> Answer<'a, Result<Kept, Violation>>;

    /// Makes a payment known, and moves nothing: so it has a name to look it up by before anything can go wrong with money.
    fn open<'a>(&'a self, charge: &'a Charge) -> Answer<'a, Result<Authorisation, Refused>>;

    /// Holds the money back, or says why not.
    fn authorise<'a>(&'a self, name: &'a Authorisation, charge: &'a Charge) -> Answer<'a, Standing>;

    /// Where a payment stands.
    fn find<'a>(&'a self, name: &'a Authorisation) -> Answer<'a, Standing>;

    /// Takes so much of the money that is held back, and lets go of the rest.
    fn capture<'a>(
        &'a self,
        name: &'a Authorisation,
        reference: Reference,
        amount: Amount,
    ) -> Answer<'a, Result<(), Refused>>;

    /// Lets the money go, or sees to it that none is held back.
    fn void<'a>(&'a self, name: &'a Authorisation, reference: Reference) -> Answer<'a, Result<(), Refused>>;

    /// Gives so much back of what was taken, and says how far that is.
    fn refund<'a>(
        &'a self,
        name: &'a Authorisation,
        reference: Reference,
        amount: Amount,
    ) -> Answer<'a, Result<Progress, Refused>>;

    /// How far the refund of this reference is; none where the provider never heard of it.
    fn find_refund<'a>(&'a self, name: &'a Authorisation, reference: Reference) -> Answer<'a, Option<Progress>>;

    /// Its name in the address of its webhooks.
    fn slug(&self) -> &'static str;

    /// What a webhook of its says; nothing where it is not about what we want to know.
    fn read(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Option<Notice>, Rejected>;

    /// What its bank tells when a shopper has answered on a page of ours; none where the bank has one of its own.
    fn answered(&self, _name: &Authorisation, _approves: bool, _now: DateTime<Utc>) -> Option<(HeaderMap, Vec<u8>)> {
        None
    }

    /// The webhooks that it delivers inside this process; to the first who asks for them.
    fn deliveries(&self) -> Option<mpsc::Receiver<Delivery>> {
        None
    }
}
