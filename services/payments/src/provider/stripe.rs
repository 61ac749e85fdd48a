//! Stripe: shoppers pay on its hosted page ([Checkout Sessions](https://docs.stripe.com/api/checkout/sessions)) with manual
//! capture. No card number reaches this service.
//!
//! The provider's id of a payment is that of its session, `cs_…`, and from the shopper's payment on that of its intent, `pi_…`.
//! A session moves no money, so it is created before the payment is stored; an unused one expires. Every request that moves
//! money has our reference as its `Idempotency-Key`. A refund also has it in its metadata, by which it is found.

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
use values::Violation;

use self::api::{Api, ApiError};
use self::shapes::{Intent, List, Refund, Session};
use super::{Outcome, Provider, Refused, Unavailable, WebhookEvent, WebhookRejected, cards_not_accepted, signature};
use crate::domain::card::Card;
use crate::domain::{
    Amount, Charge, MovementReference, MovementStatus, PaymentMethodType, PaymentOption, ProviderPayment,
    ProviderPaymentId, TokenizedCard,
};
use crate::provider::ProviderStatus;

pub use self::api::ApiUrl;
pub use self::settings::Settings;

/// The provider's name in settings, in the database, and in the address of its webhooks.
pub const NAME: &str = "stripe";
const SIGNATURE: &str = "stripe-signature";

/// The Stripe provider.
pub struct Stripe {
    api: Api,
    webhook_secret: SecretString,
    /// The URL of the public listener, without a trailing slash
    public_url: String,
}

/// Shows no secrets.
impl fmt::Debug for Stripe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Stripe(…)")
    }
}

fn is_session(id: &ProviderPaymentId) -> bool {
    id.0.starts_with("cs_")
}

fn refused(error: ApiError) -> Refused {
    Refused(error.message)
}

impl Stripe {
    async fn session(&self, id: &ProviderPaymentId) -> Result<Session, Unavailable> {
        let path = format!("/v1/checkout/sessions/{}?expand%5B%5D=payment_intent", id.0);
        let session = self.api.get::<Session>(&path).await?;
        session.map_err(|error| Unavailable::new(error.message))
    }

    /// The id of the payment's intent, which exists once the shopper has paid.
    async fn intent(&self, id: &ProviderPaymentId) -> Result<Result<String, Refused>, Unavailable> {
        if !is_session(id) {
            return Ok(Ok(id.0.clone()));
        }
        let intent = self.session(id).await?.payment_intent;
        Ok(intent
            .map(|intent| intent.id().to_owned())
            .ok_or(Refused("the shopper has not paid yet".to_owned())))
    }

    /// Cancels an intent without reserved money. Only payments from before the hosted page have such intents.
    async fn cancel_unpaid(&self, id: &ProviderPaymentId, reference: MovementReference) -> Outcome<()> {
        use ProviderStatus::{Declined, RequiresAction, Unconfirmed};
        match self.retrieve(id).await?.status {
            RequiresAction(_) | Unconfirmed | Declined(_) => self.change(id, "cancel", reference, &json!({})).await,
            _ => Ok(Err(Refused("the shopper has already paid".to_owned()))),
        }
    }

    /// Sends an operation on the intent of a payment: `capture` or `cancel`.
    async fn change(
        &self,
        id: &ProviderPaymentId,
        operation: &str,
        reference: MovementReference,
        params: &Value,
    ) -> Outcome<()> {
        let intent = match self.intent(id).await? {
            Ok(intent) => intent,
            Err(refused) => return Ok(Err(refused)),
        };
        let path = format!("/v1/payment_intents/{intent}/{operation}");
        let answer = self.api.post::<Intent>(&path, &reference.to_string(), params).await?;
        Ok(answer.map(drop).map_err(refused))
    }
}

#[async_trait]
impl Provider for Stripe {
    fn name(&self) -> &'static str {
        NAME
    }

    fn method_type(&self) -> PaymentMethodType {
        PaymentMethodType::HostedPage
    }

    fn payment_option(&self) -> PaymentOption {
        PaymentOption {
            provider: NAME,
            method_type: self.method_type(),
            label: "Stripe",
            is_test: self.api.is_test(),
            days_to_pay: None,
        }
    }

    fn supports(&self, amount: Amount) -> bool {
        amounts::charge(amount).is_ok()
    }

    async fn tokenize(&self, _card: &Card) -> Result<Result<TokenizedCard, Violation>, Unavailable> {
        Ok(Err(cards_not_accepted()))
    }

    async fn initiate(&self, charge: &Charge, now: DateTime<Utc>) -> Outcome<ProviderPayment> {
        let mut params = match session::params(charge, &self.public_url, now) {
            Ok(params) => params,
            Err(refused) => return Ok(Err(refused)),
        };
        let path = "/v1/checkout/sessions";
        let key = format!("{}-open", charge.payment_id);
        let mut created = self.api.post::<Session>(path, &key, &params).await?;
        // If Stripe rejects the e-mail address, the shopper enters it on the page.
        if created
            .as_ref()
            .is_err_and(|error| error.param.as_deref() == Some(session::EMAIL))
        {
            session::remove_email(&mut params);
            created = self.api.post::<Session>(path, &format!("{key}-2"), &params).await?;
        }
        Ok(created.map(Session::into_provider_payment).map_err(refused))
    }

    /// The shopper authorises the payment on the page; this retrieves whether they have.
    async fn authorize(
        &self,
        id: &ProviderPaymentId,
        _charge: &Charge,
        _now: DateTime<Utc>,
    ) -> Result<ProviderStatus, Unavailable> {
        Ok(self.retrieve(id).await?.status)
    }

    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable> {
        if is_session(id) {
            return Ok(self.session(id).await?.into_provider_payment());
        }
        let intent = self.api.get::<Intent>(&format!("/v1/payment_intents/{}", id.0)).await?;
        intent
            .map(Intent::into_provider_payment)
            .map_err(|error| Unavailable::new(error.message))
    }

    async fn expire(&self, id: &ProviderPaymentId, reference: MovementReference) -> Outcome<()> {
        if !is_session(id) {
            return self.cancel_unpaid(id, reference).await;
        }
        let path = format!("/v1/checkout/sessions/{}/expire", id.0);
        // A key of its own, because the bare reference cancels the intent if the page turns out to be paid.
        let key = format!("{reference}-expire");
        match self.api.post::<Session>(&path, &key, &json!({})).await? {
            Ok(_) => Ok(Ok(())),
            // The session is no longer open: it has expired by itself, or it is paid.
            Err(error) => Ok(match self.session(id).await?.into_provider_payment().status {
                ProviderStatus::Expired => Ok(()),
                _ => Err(refused(error)),
            }),
        }
    }

    async fn capture(&self, id: &ProviderPaymentId, reference: MovementReference, amount: Amount) -> Outcome<()> {
        match amounts::minor_units(amount) {
            Ok(minor) => {
                self.change(id, "capture", reference, &json!({ "amount_to_capture": minor }))
                    .await
            }
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// Closes an open page, or releases the reserved money.
    async fn cancel(&self, id: &ProviderPaymentId, reference: MovementReference) -> Outcome<()> {
        if is_session(id) && self.expire(id, reference).await?.is_ok() {
            return Ok(Ok(()));
        }
        self.change(id, "cancel", reference, &json!({})).await
    }

    async fn refund(
        &self,
        id: &ProviderPaymentId,
        reference: MovementReference,
        amount: Amount,
    ) -> Outcome<MovementStatus> {
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
        reference: MovementReference,
    ) -> Result<Option<MovementStatus>, Unavailable> {
        let Ok(intent) = self.intent(id).await? else {
            return Ok(None);
        };
        let path = format!("/v1/refunds?limit=100&payment_intent={intent}");
        let list = self.api.get::<List<Refund>>(&path).await?;
        let list = list.map_err(|error| Unavailable::new(error.message))?;
        let found = list.data.iter().find(|refund| refund.reference() == Some(reference));
        match found {
            None if list.has_more => Err(Unavailable::new("there are more refunds than fit on one page")),
            found => Ok(found.map(Refund::progress)),
        }
    }

    fn parse_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, WebhookRejected> {
        signature::verify_header(headers, SIGNATURE, &self.webhook_secret, body, now)?;
        webhook::parse(body)
    }
}

#[cfg(test)]
mod tests;
