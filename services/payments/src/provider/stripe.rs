//! Stripe: shoppers pay on its hosted page ([Checkout Sessions](https://docs.stripe.com/api/checkout/sessions)), and the money
//! is captured by hand. No card number comes here.
//!
//! A payment begins as a session, `cs_…`, and is called by its intent, `pi_…`, as soon as the shopper has paid. A session moves
//! nothing: it is made before the payment is written down, and one that was made in vain expires. Whatever moves money has our
//! reference as its `Idempotency-Key`, and a refund has it in its metadata, too, by which it is found.

mod amounts;
mod api;
mod form;
mod session;
mod settings;
mod shapes;
mod webhook;

use std::fmt;

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use storage::clock;

use self::api::{Api, No};
use self::shapes::{Intent, List, Refund, Session};
use super::{NO_CARDS, Outcome, Provider, Refused, Rejected, Unavailable, WebhookEvent, signature};
use crate::domain::card::Card;
use crate::domain::{
    Amount, Charge, MethodType, PaymentOption, Progress, ProviderPayment, ProviderPaymentId, Reference, TokenisedCard,
    Violation,
};
use crate::provider::ProviderStatus;

pub use self::api::Url;
pub use self::settings::Settings;

/// Its name in settings, in the store and in the address of its webhooks.
pub const NAME: &str = "stripe";
const SIGNATURE: &str = "stripe-signature";

/// The provider.
pub struct Stripe {
    api: Api,
    webhook_secret: SecretString,
    /// Where browsers find our public door, without a slash at its end
    public_url: String,
}

/// Without the secrets.
impl fmt::Debug for Stripe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Stripe(…)")
    }
}

fn is_session(id: &ProviderPaymentId) -> bool {
    id.0.starts_with("cs_")
}

fn refused(no: No) -> Refused {
    Refused(no.message)
}

impl Stripe {
    async fn session(&self, id: &ProviderPaymentId) -> Result<Session, Unavailable> {
        let path = format!("/v1/checkout/sessions/{}?expand%5B%5D=payment_intent", id.0);
        let session = self.api.get::<Session>(&path).await?;
        session.map_err(|no| Unavailable::new(no.message))
    }

    /// The name of the money, which a payment has from when it is paid.
    async fn intent(&self, id: &ProviderPaymentId) -> Result<Result<String, Refused>, Unavailable> {
        if !is_session(id) {
            return Ok(Ok(id.0.clone()));
        }
        let intent = self.session(id).await?.payment_intent;
        Ok(intent
            .map(|intent| intent.id().to_owned())
            .ok_or(Refused("it is not paid".to_owned())))
    }

    /// Cancels an intent that holds no money: one of before pages, whose bank asks.
    async fn cancel_unpaid(&self, id: &ProviderPaymentId, reference: Reference) -> Outcome<()> {
        use ProviderStatus::{Declined, RequiresAction, Unconfirmed};
        match self.retrieve(id).await?.status {
            RequiresAction(_) | Unconfirmed | Declined(_) => self.change(id, "cancel", reference, &json!({})).await,
            _ => Ok(Err(Refused("it is paid".to_owned()))),
        }
    }

    /// Changes the intent of a payment.
    async fn change(&self, id: &ProviderPaymentId, how: &str, reference: Reference, params: &Value) -> Outcome<()> {
        let intent = match self.intent(id).await? {
            Ok(intent) => intent,
            Err(refused) => return Ok(Err(refused)),
        };
        let path = format!("/v1/payment_intents/{intent}/{how}");
        let answer = self.api.post::<Intent>(&path, &reference.to_string(), params).await?;
        Ok(answer.map(drop).map_err(refused))
    }
}

#[async_trait]
impl Provider for Stripe {
    fn name(&self) -> &'static str {
        NAME
    }

    fn method_type(&self) -> MethodType {
        MethodType::HostedPage
    }

    fn option(&self) -> PaymentOption {
        PaymentOption {
            provider: NAME,
            method_type: self.method_type(),
            label: "Stripe",
            is_test: self.api.is_test(),
            days_to_pay: None,
        }
    }

    fn takes(&self, amount: Amount) -> bool {
        amounts::charge(amount).is_ok()
    }

    async fn tokenise(&self, _card: &Card) -> Result<Result<TokenisedCard, Violation>, Unavailable> {
        Ok(Err(NO_CARDS))
    }

    async fn initiate(&self, charge: &Charge) -> Outcome<ProviderPayment> {
        let mut params = match session::params(charge, &self.public_url, clock::now()) {
            Ok(params) => params,
            Err(refused) => return Ok(Err(refused)),
        };
        let path = "/v1/checkout/sessions";
        let key = format!("{}-open", charge.reference);
        let mut made = self.api.post::<Session>(path, &key, &params).await?;
        // An address that Stripe does not like is asked for on its page.
        if made
            .as_ref()
            .is_err_and(|no| no.param.as_deref() == Some(session::EMAIL))
        {
            session::forget_email(&mut params);
            made = self.api.post::<Session>(path, &format!("{key}-2"), &params).await?;
        }
        Ok(made.map(Session::payment).map_err(refused))
    }

    /// The shopper does that.
    async fn authorise(&self, id: &ProviderPaymentId, _charge: &Charge) -> Result<ProviderStatus, Unavailable> {
        Ok(self.retrieve(id).await?.status)
    }

    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable> {
        if is_session(id) {
            return Ok(self.session(id).await?.payment());
        }
        let intent = self.api.get::<Intent>(&format!("/v1/payment_intents/{}", id.0)).await?;
        intent.map(Intent::payment).map_err(|no| Unavailable::new(no.message))
    }

    async fn expire(&self, id: &ProviderPaymentId, reference: Reference) -> Outcome<()> {
        if !is_session(id) {
            return self.cancel_unpaid(id, reference).await;
        }
        let path = format!("/v1/checkout/sessions/{}/expire", id.0);
        // Of its own: where the page turns out to be paid, the money is let go under the same reference.
        let key = format!("{reference}-expire");
        match self.api.post::<Session>(&path, &key, &json!({})).await? {
            Ok(_) => Ok(Ok(())),
            // It is not open any longer: it has expired by itself, or it is paid.
            Err(no) => Ok(match self.session(id).await?.payment().status {
                ProviderStatus::Expired => Ok(()),
                _ => Err(refused(no)),
            }),
        }
    }

    async fn capture(&self, id: &ProviderPaymentId, reference: Reference, amount: Amount) -> Outcome<()> {
        match amounts::minor_units(amount) {
            Ok(minor) => {
                self.change(id, "capture", reference, &json!({ "amount_to_capture": minor }))
                    .await
            }
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// A page that is open is closed; money that is held is let go.
    async fn void(&self, id: &ProviderPaymentId, reference: Reference) -> Outcome<()> {
        if is_session(id) && self.expire(id, reference).await?.is_ok() {
            return Ok(Ok(()));
        }
        self.change(id, "cancel", reference, &json!({})).await
    }

    async fn refund(&self, id: &ProviderPaymentId, reference: Reference, amount: Amount) -> Outcome<Progress> {
        let (intent, minor) = match (self.intent(id).await?, amounts::minor_units(amount)) {
            (Ok(intent), Ok(minor)) => (intent, minor),
            (Err(refused), _) | (_, Err(refused)) => return Ok(Err(refused)),
        };
        let reference = reference.to_string();
        let params = json!({
            "payment_intent": intent,
            "amount": minor,
            "metadata": { "reference": reference },
        });
        let refund = self.api.post::<Refund>("/v1/refunds", &reference, &params).await?;
        Ok(refund.map(|refund| refund.progress()).map_err(refused))
    }

    async fn retrieve_refund(
        &self,
        id: &ProviderPaymentId,
        reference: Reference,
    ) -> Result<Option<Progress>, Unavailable> {
        let Ok(intent) = self.intent(id).await? else {
            return Ok(None);
        };
        let path = format!("/v1/refunds?limit=100&payment_intent={intent}");
        let list = self.api.get::<List<Refund>>(&path).await?;
        let list = list.map_err(|no| Unavailable::new(no.message))?;
        let found = list.data.iter().find(|refund| refund.reference() == Some(reference));
        match found {
            None if list.has_more => Err(Unavailable::new("there are more refunds than one page has")),
            found => Ok(found.map(Refund::progress)),
        }
    }

    fn parse_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, Rejected> {
        signature::verify_header(headers, SIGNATURE, &self.webhook_secret, body, now)?;
        webhook::parse(body)
    }
}

#[cfg(test)]
mod tests;
