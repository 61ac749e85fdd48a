//! The postman: brings events to webhooks, to each in order, signed as
//! [Standard Webhooks](https://www.standardwebhooks.com) have it.
//!
//! A webhook is a place in the outbox. It moves on only when the event has arrived, so nothing is lost; after a crash
//! an event may arrive twice, under the same `webhook-id`. Each replica has a postman, and one at a time serves a webhook.

use std::time::Duration;

use ::events::{Event, Outbox};
use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream;
use http_body_util::Full;
use service::background::{guard, is_stopping};
use service::{Background, BoxError, Context, Unanswered, causes};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP};
use storage::{Db, clock};
use uuid::Uuid;

use crate::store::webhooks::{self as store, Served};

/// Time for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Nobody else serves a webhook meanwhile.
const LEASE: Duration = Duration::from_secs(30);
/// Webhooks served at the same time.
const AT_ONCE: usize = 8;
/// Events read at once.
const MANY: u32 = 50;

/// Starts one, who looks for mail so often.
pub fn start(db: Db, outbox: Outbox, http: https::Client, pause: Duration) -> Background {
    let round = Round { db, outbox, http };
    Background::every("postman", pause, move || {
        let round = round.clone();
        async move { round.serve_all().await }
    })
}

#[derive(Clone)]
struct Round {
    db: Db,
    outbox: Outbox,
    http: https::Client,
}

impl Round {
    async fn serve_all(&self) -> Result<(), storage::Error> {
        let head = self.outbox.head().await?;
        let due = store::find_due(&self.db, head, clock::now()).await?;
        let served = stream::iter(due).for_each_concurrent(AT_ONCE, async |id| {
            if let Ok(Err(error)) = guard("webhook", self.serve(id)).await {
                tracing::error!(webhook = %id, error = causes(&error), "a webhook cannot be served");
            }
        });
        served.await;
        Ok(())
    }

    /// Brings a webhook all that there is for it, until something does not arrive.
    async fn serve(&self, id: Uuid) -> Result<(), storage::Error> {
        let now = clock::now();
        let Some(mut served) = store::claim(&self.db, id, now, now + LEASE).await? else {
            return Ok(());
        };
        loop {
            let events = self.outbox.list(served.position, MANY).await?;
            if events.is_empty() {
                let now = clock::now();
                store::advance(&self.db, &served, now, now).await?;
                return Ok(());
            }
            for (position, event) in events {
                if is_stopping() {
                    // Another replica, or the next process, need not wait for the lease to run out.
                    let now = clock::now();
                    store::advance(&self.db, &served, now, now).await?;
                    return Ok(());
                }
                if !self.bring(&mut served, position, &event).await? {
                    return Ok(());
                }
            }
        }
    }

    /// Whether the next event may follow.
    async fn bring(&self, served: &mut Served, position: i64, event: &Event) -> Result<bool, storage::Error> {
        if !served.webhook.wants(&event.kind) {
            served.position = position;
            return Ok(true);
        }
        let sent = self.send(served, event).await;
        let now = clock::now();
        let Err(error) = sent else {
            (served.position, served.tries, served.webhook.failing_since) = (position, 0, None);
            return store::advance(&self.db, served, now, now + LEASE).await;
        };
        served.tries = served.tries.saturating_add(1);
        let due_at = served.webhook.fail(served.tries, now);
        if served.webhook.disabled_at.is_some() {
            tracing::error!(webhook = %served.webhook.id, "a webhook is disabled: nothing has arrived for days");
        }
        let (webhook, event) = (served.webhook.id, event.id);
        tracing::warn!(%webhook, %event, error = causes(&error), "an event did not arrive at a webhook");
        store::advance(&self.db, served, due_at, now).await?;
        Ok(false)
    }

    async fn send(&self, served: &Served, event: &Event) -> Result<(), Undelivered> {
        let request = sign(served, event, clock::now()).map_err(Undelivered::Unsendable)?;
        let answer = tokio::time::timeout(TIMEOUT, self.http.send(request)).await;
        let answer = answer.map_err(|_| Unanswered::timed_out())??;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(Undelivered::Refused(answer.status()))
        }
    }
}

/// Why an event did not arrive.
#[derive(Debug, thiserror::Error)]
enum Undelivered {
    #[error("it cannot be sent")]
    Unsendable(#[source] BoxError),
    #[error("there is no answer")]
    Unanswered(#[from] Unanswered),
    #[error("it was answered with {0}")]
    Refused(StatusCode),
}

fn sign(served: &Served, event: &Event, now: DateTime<Utc>) -> Result<Request<Full<Bytes>>, BoxError> {
    let body = serde_json::to_string(event)?;
    let id = event.id.to_string();
    let signature = served.secret.sign(&id, now, &body)?;
    let mut request = Request::post(served.webhook.url.to_ascii()?)
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
