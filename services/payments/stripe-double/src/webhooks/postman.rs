//! Who carries webhooks.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Request, Uri, header};
use bytes::Bytes;
use http_body_util::Full;
use secrecy::SecretString;
use service::causes;
use storage::{Db, Error, clock};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::claims::Claims;
use super::signature;
use crate::behaviour::{Behaviour, Desk};
use crate::store::events::{self, Waiting};

/// For the answer of whoever is told.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells whoever listens.
#[derive(Clone, Debug)]
pub struct Postman {
    pub(super) desk: Arc<Desk>,
    pub(super) claims: Claims,
    db: Db,
    http: https::Client,
    url: Uri,
    secret: SecretString,
    bell: Arc<Notify>,
    /// Numbers of the events that have arrived, and whose turn it is to write them down, all at once.
    arrived: Arc<Mutex<Vec<i64>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Postman {
    pub fn new(
        db: Db,
        desk: Arc<Desk>,
        url: &str,
        secret: SecretString,
        retry_ms: u64,
    ) -> Result<Self, service::BoxError> {
        let url: Uri = url.parse().map_err(|_| format!("{url}: not an address"))?;
        if url.host().is_none() {
            return Err(format!("{url}: not an address such as http://127.0.0.1:4107/webhooks/stripe").into());
        }
        Ok(Self {
            desk,
            claims: Claims::new(retry_ms),
            db,
            http: https::Client::new(&https::Settings::default())?,
            url,
            secret,
            bell: Arc::default(),
            arrived: Arc::default(),
            turn: Arc::default(),
        })
    }

    pub fn behaviour(&self) -> Behaviour {
        self.desk.now()
    }

    /// There is something to send.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    pub(super) async fn waiting(&self) -> Result<Vec<Waiting>, Error> {
        events::waiting(&self.db).await
    }

    /// Sends an event that was claimed, if it is still to be sent.
    pub(super) async fn deliver(&self, number: i64, copies: usize) {
        let has_arrived = match self.try_to_deliver(number, copies).await {
            Ok(has_arrived) => has_arrived,
            Err(error) => {
                tracing::error!(error = causes(&error), "a webhook is not written down as sent");
                false
            }
        };
        self.claims.release(number, has_arrived);
    }

    async fn try_to_deliver(&self, number: i64, copies: usize) -> Result<bool, Error> {
        let Some(body) = events::body(&self.db, number).await? else {
            return Ok(true);
        };
        let mut has_arrived = false;
        for _ in 0..copies {
            has_arrived |= self.send(&body).await;
        }
        if has_arrived {
            self.note(number).await?;
        }
        Ok(has_arrived)
    }

    /// Writes down that an event has arrived, with all others that have arrived meanwhile.
    async fn note(&self, number: i64) -> Result<(), Error> {
        let arrived = || self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived().push(number);
        let _turn = self.turn.lock().await;
        let numbers = std::mem::take(&mut *arrived());
        if numbers.is_empty() {
            return Ok(());
        }
        events::sent(&self.db, &numbers).await
    }

    /// Whether it has arrived.
    async fn send(&self, body: &str) -> bool {
        let signature = signature::sign(&self.secret, body, clock::now().timestamp());
        let request = Request::post(&self.url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("stripe-signature", signature)
            .body(Full::new(Bytes::copy_from_slice(body.as_bytes())));
        let Ok(request) = request else { return false };
        match timeout(PATIENCE, self.http.send(request)).await {
            Ok(Ok(response)) => response.status().is_success(),
            Ok(Err(error)) => {
                tracing::debug!(error = causes(&error), "a webhook did not arrive");
                false
            }
            Err(_) => false,
        }
    }

    /// Tries each of these events once, and waits for that.
    pub async fn deliver_first(&self, numbers: &[i64]) {
        let all = async {
            for number in numbers {
                self.claims.wait(*number).await;
                self.deliver(*number, 1).await;
            }
        };
        if timeout(PATIENCE, all).await.is_err() {
            tracing::warn!("webhooks take too long: the shopper is sent back before they arrive");
        }
    }
}
