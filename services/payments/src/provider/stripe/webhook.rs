//! What Stripe tells of its own accord: <https://docs.stripe.com/api/events/types>.

use super::shapes::{Event, Intent, Refund, Session};
use crate::domain::{Decline, ProviderStatus, Update};
use crate::provider::{Rejected, WebhookEvent};

/// What an event says; nothing where it is not about what we want to know, or about nothing of ours. A card that is declined
/// on its page is tried again there, so that is no news.
pub fn parse(body: &[u8]) -> Result<Option<WebhookEvent>, Rejected> {
    let event: Event = serde_json::from_slice(body).map_err(unreadable)?;
    let (id, object) = (event.id, event.data.object);
    let told = |payment: Option<_>, updates| {
        let retrieve = false;
        Ok(payment.map(|payment| WebhookEvent {
            id: id.clone(),
            payment,
            updates,
            retrieve,
        }))
    };
    match event.kind.as_str() {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            let session: Session = serde_json::from_value(object).map_err(unreadable)?;
            let told = told(session.reference(), session.renamed().into_iter().collect());
            // How far the money is, only the intent says.
            told.map(|event| {
                event.map(|event| WebhookEvent {
                    retrieve: true,
                    ..event
                })
            })
        }
        "checkout.session.async_payment_failed" => {
            let session: Session = serde_json::from_value(object).map_err(unreadable)?;
            told(
                session.reference(),
                vec![Update::Status(ProviderStatus::Declined(Decline::Card))],
            )
        }
        "checkout.session.expired" => {
            let session: Session = serde_json::from_value(object).map_err(unreadable)?;
            told(session.reference(), vec![Update::Status(ProviderStatus::Expired)])
        }
        "payment_intent.amount_capturable_updated" | "payment_intent.canceled" | "payment_intent.succeeded" => {
            let intent: Intent = serde_json::from_value(object).map_err(unreadable)?;
            let payment = intent.reference();
            let intent = intent.payment();
            told(payment, vec![Update::Renamed(intent.id), Update::Status(intent.status)])
        }
        "charge.refund.updated" | "refund.created" | "refund.failed" | "refund.updated" => {
            let refund: Refund = serde_json::from_value(object).map_err(unreadable)?;
            let Some(reference) = refund.reference() else {
                tracing::warn!(event = id, "a refund was not asked for here");
                return Ok(None);
            };
            let update = Update::Movement(reference.number, refund.progress(), refund.failure_reason);
            told(Some(reference.payment), vec![update])
        }
        _ => Ok(None),
    }
}

fn unreadable(error: serde_json::Error) -> Rejected {
    Rejected::unreadable("the body is not an event of Stripe's", error)
}
