//! Stripe: [PaymentIntents](https://docs.stripe.com/api/payment_intents) that are captured by hand.
//!
//! A payment is an intent. It is created first, which moves nothing, and confirmed when its name is written down: so
//! where it stands can be read by its name whatever answer was lost. Whatever moves money has our reference as its
//! `Idempotency-Key`, and a refund has it in its metadata, too, by which it is found.

mod api;
mod shapes;

use std::fmt;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use money::Money;

use self::api::{Api, No};
use self::shapes::{Event, Intent, List, Method, Named, Refund};
use super::signature;
use crate::domain::card::Card;
use crate::domain::{Amount, News, Progress, Reference, Standing, Violation};
use crate::provider::{Answer, Authorisation, Charge, Kept, Notice, Provider, Refused, Rejected, Unavailable};

pub use self::api::Url;

const SIGNATURE: &str = "stripe-signature";

/// The provider.
pub struct Stripe {
    api: Api,
    webhook_secret: String,
}

/// Without the secrets.
impl fmt::Debug for Stripe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Stripe(…)")
    }
}

impl Stripe {
    /// The one at this address, with a secret key and the secret of its webhooks.
    pub fn new(http: https::Client, url: Url, key: &str, webhook_secret: String) -> Result<Self, String> {
        Ok(Self {
            api: Api::new(http, url, key)?,
            webhook_secret,
        })
    }

    async fn change(
        &self,
        path: String,
        key: String,
        form: &[(&str, String)],
    ) -> Result<Result<(), Refused>, Unavailable> {
        let answer = self.api.post::<Intent>(&path, &key, form).await?;
        Ok(answer.map(drop).map_err(|no| Refused(no.message)))
    }
}

/// An amount and its currency as a form says them.
fn money(amount: Amount) -> [(&'static str, String); 2] {
    let Money { minor, currency } = amount.into();
    [
        ("amount", minor.to_string()),
        ("currency", currency.code().to_lowercase()),
    ]
}

impl Provider for Stripe {
    fn keep<'a>(&'a self, card: &'a Card) -> Answer<'a, Result<Kept, Violation>> {
        async move {
            let (month, year) = card.expiry.month_and_year();
            let mut form = vec![
                ("type", "card".to_owned()),
                ("card[number]", card.number.reveal().to_owned()),
                ("card[exp_month]", month.to_string()),
                ("card[exp_year]", year.to_string()),
                ("card[cvc]", card.cvc.reveal().to_owned()),
            ];
            if let Some(holder) = &card.holder {
                form.push(("billing_details[name]", holder.as_str().to_owned()));
            }
            // A card kept twice is no harm: each time is a wish of its own.
            let key = uuid::Uuid::new_v4().to_string();
            match self.api.post::<Method>("/v1/payment_methods", &key, &form).await? {
                Ok(method) => Ok(Ok(method.kept())),
                Err(no) => no.violation().map(Err).ok_or(Unavailable(no.message)),
            }
        }
        .boxed()
    }

    fn open<'a>(&'a self, charge: &'a Charge) -> Answer<'a, Result<Authorisation, Refused>> {
        async move {
            let [amount, currency] = money(charge.amount);
            let form = [
                amount,
                currency,
                ("capture_method", "manual".to_owned()),
                ("payment_method", charge.token.0.clone()),
                ("payment_method_types[]", "card".to_owned()),
                ("metadata[payment]", charge.reference.to_string()),
                ("metadata[order]", charge.order.to_string()),
            ];
            let key = format!("{}-open", charge.reference);
            let intent = self.api.post::<Named>("/v1/payment_intents", &key, &form).await?;
            Ok(intent
                .map(|intent| Authorisation(intent.id))
                .map_err(|no| Refused(no.message)))
        }
        .boxed()
    }

    fn authorise<'a>(&'a self, name: &'a Authorisation, charge: &'a Charge) -> Answer<'a, Standing> {
        async move {
            let return_url = charge.return_url.as_ref();
            let form: Vec<_> = return_url
                .map(|url| ("return_url", url.as_str().to_owned()))
                .into_iter()
                .collect();
            let path = format!("/v1/payment_intents/{}/confirm", name.0);
            let key = format!("{}-confirm", charge.reference);
            match self.api.post::<Intent>(&path, &key, &form).await? {
                Ok(intent) => Ok(intent.standing()),
                Err(No {
                    status: 402, reason, ..
                }) => Ok(Standing::Declined(reason.decline())),
                // Confirmed before, perhaps: then it is no longer where this can be asked.
                Err(no) => match self.find(name).await? {
                    Standing::Unasked => Err(Unavailable(no.message)),
                    standing => Ok(standing),
                },
            }
        }
        .boxed()
    }

    fn find<'a>(&'a self, name: &'a Authorisation) -> Answer<'a, Standing> {
        async move {
            let intent = self
                .api
                .get::<Intent>(&format!("/v1/payment_intents/{}", name.0))
                .await?;
            intent
                .map(|intent| intent.standing())
                .map_err(|no| Unavailable(no.message))
        }
        .boxed()
    }

    fn capture<'a>(
        &'a self,
        name: &'a Authorisation,
        reference: Reference,
        amount: Amount,
    ) -> Answer<'a, Result<(), Refused>> {
        let path = format!("/v1/payment_intents/{}/capture", name.0);
        let minor = Money::from(amount).minor;
        async move {
            self.change(path, reference.to_string(), &[("amount_to_capture", minor.to_string())])
                .await
        }
        .boxed()
    }

    fn void<'a>(&'a self, name: &'a Authorisation, reference: Reference) -> Answer<'a, Result<(), Refused>> {
        let path = format!("/v1/payment_intents/{}/cancel", name.0);
        async move { self.change(path, reference.to_string(), &[]).await }.boxed()
    }

    fn refund<'a>(
        &'a self,
        name: &'a Authorisation,
        reference: Reference,
        amount: Amount,
    ) -> Answer<'a, Result<Progress, Refused>> {
        async move {
            let [amount, _] = money(amount);
            let form = [
                ("payment_intent", name.0.clone()),
                amount,
                ("metadata[reference]", reference.to_string()),
            ];
            let refund = self
                .api
                .post::<Refund>("/v1/refunds", &reference.to_string(), &form)
                .await?;
            Ok(refund.map(|refund| refund.progress()).map_err(|no| Refused(no.message)))
        }
        .boxed()
    }

    fn find_refund<'a>(&'a self, name: &'a Authorisation, reference: Reference) -> Answer<'a, Option<Progress>> {
        async move {
            let path = format!("/v1/refunds?limit=100&payment_intent={}", name.0);
            let list = self.api.get::<List<Refund>>(&path).await?;
            let list = list.map_err(|no| Unavailable(no.message))?;
            let found = list.data.iter().find(|refund| refund.reference() == Some(reference));
            match found {
                None if list.has_more => Err(Unavailable("more refunds than one page".to_owned())),
                found => Ok(found.map(Refund::progress)),
            }
        }
        .boxed()
    }

    fn slug(&self) -> &'static str {
        "stripe"
    }

    fn read(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Option<Notice>, Rejected> {
        signature::verify_header(headers, SIGNATURE, &self.webhook_secret, body, now)?;
        let unreadable = |_| Rejected("the body is not an event of Stripe's");
        let event: Event = serde_json::from_slice(body).map_err(unreadable)?;
        let (payment, news) = match event.kind.as_str() {
            "payment_intent.amount_capturable_updated"
            | "payment_intent.canceled"
            | "payment_intent.payment_failed"
            | "payment_intent.requires_action"
            | "payment_intent.succeeded" => {
                let intent: Intent = serde_json::from_value(event.data.object).map_err(unreadable)?;
                let news = News::Standing(intent.standing());
                (intent.id, news)
            }
            "charge.refund.updated" | "refund.created" | "refund.failed" | "refund.updated" => {
                let refund: Refund = serde_json::from_value(event.data.object).map_err(unreadable)?;
                let (Some(reference), Some(intent)) = (refund.reference(), refund.payment_intent.clone()) else {
                    tracing::warn!(event = event.id, "a refund that was not asked for here");
                    return Ok(None);
                };
                let progress = refund.progress();
                (
                    intent,
                    News::Movement(reference.number, progress, refund.failure_reason),
                )
            }
            _ => return Ok(None),
        };
        Ok(Some(Notice {
            id: event.id,
            payment: Authorisation(payment),
            news,
        }))
    }
}

#[cfg(test)]
mod tests;
