//! Stripe's webhooks: <https://docs.stripe.com/api/events/types>.

use super::shapes::{Event, Intent, Refund, Session};
use crate::domain::{Decline, PaymentUpdate, ProviderStatus};
use crate::provider::{WebhookEvent, WebhookRejected};

/// Parses an event. Returns none for other types and for objects that are not ours. A card that is declined on the page is not
/// reported, because the shopper can try again there.
pub fn parse(body: &[u8]) -> Result<Option<WebhookEvent>, WebhookRejected> {
    let event: Event = serde_json::from_slice(body).map_err(unreadable)?;
    let (id, object) = (event.id, event.data.object);
    let webhook = |payment_id: Option<_>, updates, needs_retrieval| {
        Ok(payment_id.map(|payment_id| WebhookEvent {
            id: id.clone(),
            payment_id,
            updates,
            needs_retrieval,
        }))
    };
    match event.kind.as_str() {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            let session: Session = serde_json::from_value(object).map_err(unreadable)?;
            // Only the intent has the status of the money.
            webhook(session.payment_id(), session.new_id().into_iter().collect(), true)
        }
        "checkout.session.async_payment_failed" => {
            let session: Session = serde_json::from_value(object).map_err(unreadable)?;
            let update = PaymentUpdate::Status(ProviderStatus::Declined(Decline::Card));
            webhook(session.payment_id(), vec![update], false)
        }
        "checkout.session.expired" => {
            let session: Session = serde_json::from_value(object).map_err(unreadable)?;
            let update = PaymentUpdate::Status(ProviderStatus::Expired);
            webhook(session.payment_id(), vec![update], false)
        }
        "payment_intent.amount_capturable_updated" | "payment_intent.canceled" | "payment_intent.succeeded" => {
            let intent: Intent = serde_json::from_value(object).map_err(unreadable)?;
            let payment_id = intent.payment_id();
            let found = intent.into_provider_payment();
            let updates = vec![
                PaymentUpdate::ProviderPaymentId(found.id),
                PaymentUpdate::Status(found.status),
            ];
            webhook(payment_id, updates, false)
        }
        "charge.refund.updated" | "refund.created" | "refund.failed" | "refund.updated" => {
            let refund: Refund = serde_json::from_value(object).map_err(unreadable)?;
            let Some(reference) = refund.reference() else {
                tracing::warn!(event = id, "a refund was not requested by this service");
                return Ok(None);
            };
            let update = PaymentUpdate::Movement(reference.number, refund.progress(), refund.failure_reason);
            webhook(Some(reference.payment_id), vec![update], false)
        }
        _ => Ok(None),
    }
}

fn unreadable(error: serde_json::Error) -> WebhookRejected {
    WebhookRejected::unreadable("the body is not an event of Stripe", error)
}
