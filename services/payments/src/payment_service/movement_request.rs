//! The request of one movement at the provider.

use chrono::{DateTime, Utc};
use money::Money;

use crate::domain::{
    Amount, Attempt, Movement, MovementKind, MovementStatus, Payment, PaymentUpdate, ProviderPayment, ProviderStatus,
};
use crate::provider::{Outcome, Provider, Refused, Unavailable};

/// A movement to request from a provider. Its methods return the updates that follow from the provider's answer.
pub(super) struct MovementRequest<'a> {
    pub provider: &'a dyn Provider,
    pub payment: &'a Payment,
    pub movement: &'a Movement,
    pub attempt: Attempt,
    pub now: DateTime<Utc>,
}

impl MovementRequest<'_> {
    pub async fn authorize(&self) -> Result<Vec<PaymentUpdate>, Unavailable> {
        let id = &self.payment.provider_payment_id;
        if self.attempt == Attempt::Retry {
            let found = self.provider.retrieve(id).await?;
            if found.status != ProviderStatus::Unconfirmed {
                return Ok(self.updates(found));
            }
        }
        let status = self.provider.authorize(id, &self.payment.charge, self.now).await?;
        Ok(vec![PaymentUpdate::Status(status)])
    }

    /// Captures, voids or expires. After a refusal the provider's status of the payment is applied before the refusal is.
    pub async fn change(&self) -> Result<Vec<PaymentUpdate>, Unavailable> {
        let id = &self.payment.provider_payment_id;
        if self.attempt == Attempt::Retry {
            let found = self.provider.retrieve(id).await?;
            if found.status.is_final() {
                return Ok(self.updates(found));
            }
        }
        let (answer, done) = self.send_change().await?;
        Ok(match answer {
            Ok(()) => vec![PaymentUpdate::Status(done)],
            Err(Refused(reason)) => {
                let mut updates = self.updates(self.provider.retrieve(id).await?);
                updates.push(PaymentUpdate::Movement(
                    self.movement.number,
                    MovementStatus::Refused,
                    Some(reason),
                ));
                updates
            }
        })
    }

    async fn send_change(&self) -> Result<(Result<(), Refused>, ProviderStatus), Unavailable> {
        let id = &self.payment.provider_payment_id;
        let reference = self.payment.reference(self.movement.number);
        Ok(match (self.movement.kind, self.amount()) {
            (MovementKind::Capture, Some(amount)) => {
                let answer = self.provider.capture(id, reference, amount).await?;
                (answer, ProviderStatus::Captured(Some(self.movement.amount)))
            }
            (MovementKind::Expire, _) => (self.provider.expire(id, reference).await?, ProviderStatus::Expired),
            _ => (self.provider.cancel(id, reference).await?, ProviderStatus::Voided),
        })
    }

    pub async fn refund(&self) -> Result<PaymentUpdate, Unavailable> {
        let (id, number) = (&self.payment.provider_payment_id, self.movement.number);
        let reference = self.payment.reference(number);
        let known = match self.attempt {
            Attempt::First => None,
            Attempt::Retry => self.provider.retrieve_refund(id, reference).await?,
        };
        let answer: Outcome<MovementStatus> = match (known, self.amount()) {
            (Some(progress), _) => Ok(Ok(progress)),
            (None, Some(amount)) => self.provider.refund(id, reference, amount).await,
            (None, None) => Ok(Err(Refused("the amount is not valid".to_owned()))),
        };
        Ok(match answer? {
            Ok(progress) => PaymentUpdate::Movement(number, progress, None),
            Err(Refused(reason)) => PaymentUpdate::Movement(number, MovementStatus::Refused, Some(reason)),
        })
    }

    /// An id that did not change is left out: by now another task may have stored a newer one.
    fn updates(&self, found: ProviderPayment) -> Vec<PaymentUpdate> {
        let is_changed = found.id != self.payment.provider_payment_id;
        let new_id = is_changed.then_some(PaymentUpdate::ProviderPaymentId(found.id));
        new_id
            .into_iter()
            .chain([PaymentUpdate::Status(found.status)])
            .collect()
    }

    fn amount(&self) -> Option<Amount> {
        let currency = self.payment.charge.amount.currency();
        Amount::try_from(Money::new(self.movement.amount, currency)).ok()
    }
}
