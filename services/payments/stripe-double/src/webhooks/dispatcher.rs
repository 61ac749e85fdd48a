//! The dispatcher: sends events to the webhook URL.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Request, Uri, header};
use bytes::Bytes;
use http_body_util::Full;
use secrecy::SecretString;
use service::causes;
use storage::{Db, Error};
use tokio::sync::Notify;
use tokio::time::timeout;
use values::Clock;

use super::claims::Claims;
use super::signature;
use crate::behaviour::{Behaviour, BehaviourControl};
use crate::store::events::{self, UnsentEvent};

/// The timeout of one delivery.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends events.
#[derive(Clone, Debug)]
pub struct Dispatcher {
    pub(super) control: Arc<BehaviourControl>,
    pub(super) claims: Claims,
    pub(crate) clock: Clock,
    db: Db,
    http: https::Client,
    url: Uri,
    secret: SecretString,
    wakeup: Arc<Notify>,
    /// The numbers of received events that are not yet marked as sent. The holder of `flush` marks all of them at once.
    received: Arc<Mutex<Vec<i64>>>,
    flush: Arc<tokio::sync::Mutex<()>>,
}

impl Dispatcher {
    pub fn new(
        db: Db,
        control: Arc<BehaviourControl>,
        url: &str,
        secret: SecretString,
        retry_ms: u64,
        clock: Clock,
    ) -> Result<Self, service::BoxError> {
        let url: Uri = url.parse().map_err(|_| format!("{url}: not an address"))?;
        if url.host().is_none() {
            return Err(format!("{url}: not an address such as http://127.0.0.1:4107/webhooks/stripe").into());
        }
        Ok(Self {
            control,
            claims: Claims::new(retry_ms),
            clock,
            db,
            http: https::Client::new(&https::Settings::default())?,
            url,
            secret,
            wakeup: Arc::default(),
            received: Arc::default(),
            flush: Arc::default(),
        })
    }

    pub fn behaviour(&self) -> Behaviour {
        self.control.current()
    }

    /// Wakes the sender, because there are new events.
    pub fn wake(&self) {
        self.wakeup.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.wakeup.notified().await;
    }

    pub(super) async fn unsent(&self) -> Result<Vec<UnsentEvent>, Error> {
        events::unsent(&self.db).await
    }

    /// Releases a claimed event after an attempt.
    pub(super) fn release(&self, number: i64, is_received: bool) {
        let now_ms = self.clock.now().timestamp_millis();
        self.claims.release(number, is_received, now_ms);
    }

    /// Sends a claimed event, unless it has been sent.
    pub(super) async fn deliver(&self, number: i64, copies: usize) {
        let is_received = match self.try_to_deliver(number, copies).await {
            Ok(is_received) => is_received,
            Err(error) => {
                tracing::error!(error = causes(&error), "a webhook cannot be marked as sent");
                false
            }
        };
        self.release(number, is_received);
    }

    async fn try_to_deliver(&self, number: i64, copies: usize) -> Result<bool, Error> {
        let Some(body) = events::body(&self.db, number).await? else {
            return Ok(true);
        };
        let mut is_received = false;
        for _ in 0..copies {
            is_received |= self.send(&body).await;
        }
        if is_received {
            self.mark_sent(number).await?;
        }
        Ok(is_received)
    }

    /// Marks an event as sent, together with all others that were received in the meantime.
    async fn mark_sent(&self, number: i64) -> Result<(), Error> {
        let received = || self.received.lock().unwrap_or_else(PoisonError::into_inner);
        received().push(number);
        let _flush = self.flush.lock().await;
        let numbers = std::mem::take(&mut *received());
        if numbers.is_empty() {
            return Ok(());
        }
        events::mark_sent(&self.db, &numbers).await
    }

    /// Sends a webhook, and returns whether it was received.
    async fn send(&self, body: &str) -> bool {
        let signature = signature::sign(&self.secret, body, self.clock.now().timestamp());
        let request = Request::post(&self.url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("stripe-signature", signature)
            .body(Full::new(Bytes::copy_from_slice(body.as_bytes())));
        let Ok(request) = request else { return false };
        match timeout(TIMEOUT, self.http.send(request)).await {
            Ok(Ok(response)) => response.status().is_success(),
            Ok(Err(error)) => {
                tracing::debug!(error = causes(&error), "a webhook was not received");
                false
            }
            Err(_) => false,
        }
    }

    /// Sends each of these events once, and waits for the answers.
    pub async fn deliver_first(&self, numbers: &[i64]) {
        let all = async {
            for number in numbers {
                self.claims.wait(*number).await;
                self.deliver(*number, 1).await;
            }
        };
        if timeout(TIMEOUT, all).await.is_err() {
            tracing::warn!("webhooks take too long: the shopper is redirected before they are received");
        }
    }
}
