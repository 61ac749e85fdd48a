//! The settings of Stripe.

use secrecy::{ExposeSecret, SecretString};

use super::{Api, ApiUrl, Stripe};

/// The settings of the Stripe provider.
#[derive(clap::Args, Clone, Debug)]
#[group(id = "StripeSettings")]
pub struct Settings {
    /// The URL of Stripe's API
    #[arg(id = "stripe_url", long = "stripe-url", env = "STOA_STRIPE_URL", default_value = DEFAULT_URL)]
    pub url: ApiUrl,
    /// Stripe's secret key, `sk_…`; required if Stripe is offered, and as long as its payments may be captured or refunded
    #[arg(
        id = "stripe_key",
        long = "stripe-key",
        env = "STOA_STRIPE_KEY",
        hide_env_values = true
    )]
    pub key: Option<SecretString>,
    /// The secret of Stripe's webhooks, `whsec_…`; required with the key
    #[arg(
        long = "stripe-webhook-secret",
        env = "STOA_STRIPE_WEBHOOK_SECRET",
        hide_env_values = true
    )]
    pub webhook_secret: Option<SecretString>,
    #[command(flatten)]
    pub https: https::Settings,
}

const DEFAULT_URL: &str = "https://api.stripe.com";

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: DEFAULT_URL.parse().expect("an address"),
            key: None,
            webhook_secret: None,
            https: https::Settings::default(),
        }
    }
}

impl Settings {
    /// Whether the key is set.
    #[must_use]
    pub fn has_key(&self) -> bool {
        is_set(self.key.as_ref()).is_some()
    }

    /// Creates the provider.
    ///
    /// # Errors
    /// A setting that is missing or not valid, in one line.
    pub fn open(&self, public_url: Option<&str>) -> Result<Stripe, String> {
        let missing = |name: &str| format!("{name} is missing: the Stripe provider requires it");
        let key = is_set(self.key.as_ref()).ok_or_else(|| missing("STOA_STRIPE_KEY"))?;
        let secret = is_set(self.webhook_secret.as_ref()).ok_or_else(|| missing("STOA_STRIPE_WEBHOOK_SECRET"))?;
        let public_url = public_url
            .filter(|url| !url.is_empty())
            .ok_or_else(|| missing("STOA_PUBLIC_URL"))?;
        let is_valid = public_url.parse::<ApiUrl>().is_ok();
        let http = https::Client::new(&self.https).map_err(|unfit| unfit.to_string())?;
        Ok(Stripe {
            api: Api::new(http, self.url.clone(), key)?,
            webhook_secret: secret.clone(),
            public_url: is_valid
                .then(|| public_url.trim_end_matches('/').to_owned())
                .ok_or_else(|| {
                    format!("STOA_PUBLIC_URL: {public_url}: not an address such as https://pay.example.com")
                })?,
        })
    }
}

fn is_set(secret: Option<&SecretString>) -> Option<&SecretString> {
    secret.filter(|secret| !secret.expose_secret().is_empty())
}
