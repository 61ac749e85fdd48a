//! Webhooks: verified, stored once, and applied to their payment.

use axum::http::HeaderMap;
use service::{Context, causes};

use super::PaymentService;
use crate::domain::{Payment, PaymentUpdate, ProviderStatus, is_external_id};
use crate::error::Error;
use crate::provider::{Provider, WebhookRejected};
use crate::store::webhooks::{self as store, Inserted};

impl PaymentService {
    /// Applies a webhook. A webhook that is delivered again has no effect.
    pub async fn receive_webhook(
        &self,
        provider: &dyn Provider,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), Error> {
        let Some(event) = provider.parse_webhook(headers, body, self.clock.now())? else {
            return Ok(());
        };
        if !is_external_id(&event.id) {
            return Err(WebhookRejected::new("its id is not valid").into());
        }
        match store::insert(&self.batch, provider.name(), &event, self.lease()).await? {
            Inserted::Applied(payment) => {
                tracing::info!(event = event.id, "a webhook is applied");
                if is_authorised_too_late(&event.updates, &payment) {
                    let payment = payment.id();
                    tracing::error!(%payment, "the provider holds money for a payment that has ended: release it there");
                }
                if event.needs_retrieval {
                    self.refresh_in_background(*payment);
                }
            }
            Inserted::Duplicate => tracing::debug!(event = event.id, "a webhook was applied before"),
            Inserted::UnknownPayment => tracing::info!(event = event.id, "a webhook is about no payment of ours"),
        }
        Ok(())
    }

    /// Not awaited, because providers do not wait long for the answer to a webhook.
    fn refresh_in_background(&self, payment: Payment) {
        let (service, id) = (self.clone(), payment.id());
        let work = async move {
            if let Err(error) = service.refresh(payment).await {
                tracing::warn!(payment = %id, error = causes(&error), "a payment cannot be retrieved: the worker tries again");
            }
        };
        Context::current().without_deadline().spawn("refresh a payment", work);
    }
}

/// Whether the provider holds money that will be neither captured nor voided.
fn is_authorised_too_late(updates: &[PaymentUpdate], payment: &Payment) -> bool {
    payment.status.is_ended_unpaid()
        && payment.authorised == 0
        && updates.contains(&PaymentUpdate::Status(ProviderStatus::Authorised))
}
