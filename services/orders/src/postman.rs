//! The postman: brings events to webhooks, to each in order, signed as
//! [Standard Webhooks](https://www.standardwebhooks.com) have it.
//!
//! A webhook is a place in the outbox. It moves on only when the event has arrived, so nothing is lost; after a crash
//! an event may arrive twice, under the same `webhook-id`. Each replica has a postman, and one at a time serves a webhook.

use std::time::Duration;

use ::events::{Event, Outbox};
use axum::body::Bytes;
use axum::http::Request;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream;
use http_body_util::Full;
use service::{Background, BoxError, Context};
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
    Background::every(pause, move || walk(round.clone()))
}

async fn walk(round: Round) {
    if let Err(error) = round.serve_all().await {
        tracing::error!(%error, "webhooks cannot be served");
    }
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
            if let Err(error) = self.serve(id).await {
                tracing::error!(webhook = %id, %error, "a webhook cannot be served");
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
        let Err(reason) = sent else {
            (served.position, served.tries, served.webhook.failing_since) = (position, 0, None);
            return store::advance(&self.db, served, now, now + LEASE).await;
        };
        served.tries = served.tries.saturating_add(1);
        let due_at = served.webhook.fail(served.tries, now);
        if served.webhook.disabled_at.is_some() {
            tracing::error!(webhook = %served.webhook.id, "disabled: nothing has arrived for days");
        }
        tracing::warn!(webhook = %served.webhook.id, event = %event.id, %reason, "not arrived");
        store::advance(&self.db, served, due_at, now).await?;
        Ok(false)
    }

    async fn send(&self, served: &Served, event: &Event) -> Result<(), String> {
        let request = sign(served, event, clock::now()).map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(TIMEOUT, self.http.send(request)).await;
        match answer.map_err(|_| "no answer in time")? {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("status {}", answer.status())),
            Err(error) => Err(error.to_string()),
        }
    }
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
