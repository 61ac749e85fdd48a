//! The relay reads the outbox and publishes events to a broker. Its position moves only after the broker has confirmed, and
//! only one replica is the relay at a time.

use std::time::Duration;

use background::{Failure, Progress, Work};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Channel, Confirmation};
use service::causes;
use storage::{Db, clock};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::store::{self, Claim};
use crate::amqp::{Broker, EXCHANGE, answered, declare_exchange};
use crate::{Event, Settings, amqp};

/// Unconfirmed messages, at most.
const AT_ONCE: i64 = 200;
/// The media type of a message: one event in the JSON format of `CloudEvents`.
const EVENT: &str = "application/cloudevents+json";
const PERSISTENT: u8 = 2;
/// How long to wait for confirmations: a broker is slow for a while after a crash.
const CONFIRM: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error(transparent)]
    Broker(#[from] amqp::Error),
    #[error("the broker did not confirm an event")]
    Refused,
    #[error("the outbox does not answer")]
    Outbox(#[from] storage::Error),
}

impl From<lapin::Error> for RelayError {
    fn from(error: lapin::Error) -> Self {
        Self::Broker(error.into())
    }
}

impl From<RelayError> for Failure {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::Outbox(_) => Self::own(error),
            RelayError::Broker(_) | RelayError::Refused => Self::neighbour(error),
        }
    }
}

/// The relay in one replica.
pub(super) struct Relay {
    db: Db,
    head: watch::Receiver<i64>,
    broker: Broker,
    settings: Settings,
    /// The fence of the lease while this replica is the relay
    fence: Option<i64>,
}

impl Work for Relay {
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        loop {
            self.session(progress).await?;
        }
    }

    /// Releases the lease, so that another replica need not wait until it has expired.
    async fn release(&mut self) {
        if let Some(fence) = self.fence.take()
            && let Err(error) = store::release_relay(&self.db, fence).await
        {
            tracing::warn!(error = causes(&error), "events are not relayed until a lease expires");
        }
    }
}

impl Relay {
    pub(super) fn new(db: Db, head: watch::Receiver<i64>, broker: Broker, settings: Settings) -> Self {
        Self {
            db,
            head,
            broker,
            settings,
            fence: None,
        }
    }

    /// Runs until another replica becomes the relay, or the broker fails.
    async fn session(&mut self, progress: &Progress) -> Result<(), RelayError> {
        let Some(Claim { mut position, fence }) = self.claim().await? else {
            progress.succeeded();
            sleep(self.settings.lease() / 4).await;
            return Ok(());
        };
        let (_connection, channel) = self.broker.connect("stoa relay").await?;
        answered(declare_exchange(&channel)).await?;
        answered(channel.confirm_select(ConfirmSelectOptions::default())).await?;
        while self.fence == Some(fence) {
            let events = store::list(&self.db, position, AT_ONCE).await?;
            if events.is_empty() {
                let more = self.head.wait_for(|head| *head > position);
                timeout(self.settings.lease() / 3, more).await.ok();
                self.claim().await?;
                progress.succeeded();
                continue;
            }
            let mut confirmed = position;
            let published = publish(&channel, &events, &mut confirmed);
            let outcome = timeout(CONFIRM, published).await;
            // Also after a failure: what is confirmed is not published again, however slow the broker is.
            if confirmed > position {
                let until = self.settings.until();
                let is_held = store::move_relay(&self.db, fence, confirmed, until).await?;
                self.fence = self.fence.filter(|_| is_held);
                position = confirmed;
            }
            outcome.map_err(|_| amqp::Error::timed_out())??;
            progress.succeeded();
        }
        Ok(())
    }

    /// Takes or renews the lease.
    async fn claim(&mut self) -> Result<Option<Claim>, storage::Error> {
        let held = self.fence.take();
        let claim = store::claim_relay(&self.db, held, clock::now(), self.settings.until()).await?;
        self.fence = claim.map(|claim| claim.fence);
        Ok(claim)
    }
}

/// Publishes all events, and sets `confirmed` to the last number that the broker has confirmed.
async fn publish(channel: &Channel, events: &[(i64, Event)], confirmed: &mut i64) -> Result<(), RelayError> {
    let mut confirms = Vec::with_capacity(events.len());
    for (position, event) in events {
        let body = serde_json::to_vec(event).map_err(|error| storage::Error::Encode(error.into()))?;
        let properties = BasicProperties::default()
            .with_content_type(EVENT.into())
            .with_delivery_mode(PERSISTENT)
            .with_message_id(event.id.to_string().into())
            .with_type(event.kind.as_str().into());
        let options = BasicPublishOptions::default();
        let published = channel.basic_publish(EXCHANGE.into(), event.kind.as_str().into(), options, &body, properties);
        confirms.push((position, published.await?));
    }
    for (position, confirm) in confirms {
        if !matches!(confirm.await?, Confirmation::Ack(_)) {
            return Err(RelayError::Refused);
        }
        *confirmed = *position;
    }
    Ok(())
}
