//! The dispatcher: sends events to webhooks, to each in sequence, signed as
//! [Standard Webhooks](https://www.standardwebhooks.com) defines it.
//!
//! A webhook has a position in the outbox, which moves on only when an event has been delivered, so no event is lost. After a
//! crash an event may be delivered twice, with the same `webhook-id`. Each replica has a dispatcher, and one at a time leases
//! a webhook.

use std::time::Duration;

use ::events::{Event, Outbox};
use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream;
use http_body_util::Full;
use service::background::{is_stopping, isolate};
use service::{Background, BoxError, Context, Unanswered, causes};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP};
use storage::Db;
use uuid::Uuid;
use values::Clock;

use crate::store::webhooks::{self as store, WebhookDelivery};

/// How long a webhook has to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a webhook is leased, unless the lease is renewed.
const LEASE: Duration = Duration::from_secs(30);
/// Webhooks that are sent events at the same time.
const CONCURRENCY: usize = 8;
/// Events that are read from the outbox at once.
const BATCH_SIZE: u32 = 50;

/// Starts the dispatcher, which looks for events after each pause.
pub fn start(db: Db, clock: Clock, outbox: Outbox, http: https::Client, pause: Duration) -> Background {
    let dispatcher = Dispatcher {
        db,
        clock,
        outbox,
        http,
    };
    Background::every("webhook-dispatcher", pause, move || {
        let dispatcher = dispatcher.clone();
        async move { dispatcher.dispatch_due().await }
    })
}

#[derive(Clone)]
struct Dispatcher {
    db: Db,
    clock: Clock,
    outbox: Outbox,
    http: https::Client,
}

impl Dispatcher {
    async fn dispatch_due(&self) -> Result<(), storage::Error> {
        let head = self.outbox.head().await?;
        let due = store::find_due(&self.db, head, self.clock.now()).await?;
        let dispatched = stream::iter(due).for_each_concurrent(CONCURRENCY, async |id| {
            if let Ok(Err(error)) = isolate("webhook", self.dispatch(id)).await {
                tracing::error!(webhook = %id, error = causes(&error), "events cannot be sent to a webhook");
            }
        });
        dispatched.await;
        Ok(())
    }

    /// Sends a webhook all events after its position, until a delivery fails.
    async fn dispatch(&self, id: Uuid) -> Result<(), storage::Error> {
        let now = self.clock.now();
        let Some(mut delivery) = store::claim(&self.db, id, now, now + LEASE).await? else {
            return Ok(());
        };
        loop {
            let events = self.outbox.list(delivery.position, BATCH_SIZE).await?;
            if events.is_empty() {
                let now = self.clock.now();
                store::update_delivery(&self.db, &delivery, now, now).await?;
                return Ok(());
            }
            for (position, event) in events {
                if is_stopping() {
                    // The lease ends now, so that another replica or the next process can continue.
                    let now = self.clock.now();
                    store::update_delivery(&self.db, &delivery, now, now).await?;
                    return Ok(());
                }
                if !self.deliver(&mut delivery, position, &event).await? {
                    return Ok(());
                }
            }
        }
    }

    /// Sends an event if the webhook accepts its type, and returns whether the next event may follow.
    async fn deliver(
        &self,
        delivery: &mut WebhookDelivery,
        position: i64,
        event: &Event,
    ) -> Result<bool, storage::Error> {
        if !delivery.webhook.accepts(&event.kind) {
            delivery.position = position;
            return Ok(true);
        }
        let sent = self.send(delivery, event).await;
        let now = self.clock.now();
        let Err(error) = sent else {
            (delivery.position, delivery.tries, delivery.webhook.failing_since) = (position, 0, None);
            return store::update_delivery(&self.db, delivery, now, now + LEASE).await;
        };
        delivery.tries = delivery.tries.saturating_add(1);
        let due_at = delivery.webhook.record_failure(delivery.tries, now);
        if delivery.webhook.disabled_at.is_some() {
            tracing::error!(webhook = %delivery.webhook.id, "a webhook is disabled: deliveries have failed for days");
        }
        let (webhook, event) = (delivery.webhook.id, event.id);
        tracing::warn!(%webhook, %event, error = causes(&error), "an event was not delivered to a webhook");
        store::update_delivery(&self.db, delivery, due_at, now).await?;
        Ok(false)
    }

    async fn send(&self, delivery: &WebhookDelivery, event: &Event) -> Result<(), DeliveryError> {
        let request = sign(delivery, event, self.clock.now()).map_err(DeliveryError::Unsendable)?;
        let answer = tokio::time::timeout(TIMEOUT, self.http.send(request)).await;
        let answer = answer.map_err(|_| Unanswered::timed_out())??;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(DeliveryError::Rejected(answer.status()))
        }
    }
}

/// Why an event was not delivered.
#[derive(Debug, thiserror::Error)]
enum DeliveryError {
    #[error("it cannot be sent")]
    Unsendable(#[source] BoxError),
    #[error("there is no answer")]
    Unanswered(#[from] Unanswered),
    #[error("it was answered with {0}")]
    Rejected(StatusCode),
}

fn sign(delivery: &WebhookDelivery, event: &Event, now: DateTime<Utc>) -> Result<Request<Full<Bytes>>, BoxError> {
    let body = serde_json::to_string(event)?;
    let id = event.id.to_string();
    let signature = delivery.secret.sign(&id, now, &body)?;
    let mut request = Request::post(delivery.webhook.url.to_ascii()?)
        .header("content-type", "application/json")
        .header("user-agent", "Stoa-Webhooks/1")
        .header(HEADER_WEBHOOK_ID, id)
        .header(HEADER_WEBHOOK_TIMESTAMP, now.timestamp().to_string())
        .header(HEADER_WEBHOOK_SIGNATURE, signature)
        .body(Full::from(body))?;
    let trace = Context::caused_by(event.traceparent.as_deref());
    request.headers_mut().extend(trace.headers());
    Ok(request)
}
