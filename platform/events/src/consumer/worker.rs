//! Handling events: the effect, its record and the cursor in one transaction.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use metrics::counter;
use service::{BoxError, Panic, catch_panic, causes, consume};
use storage::clock;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{Handler, Source, Subscription};
use crate::inbox::{Cursor, Inbox, Parked};
use crate::metrics::{FAILED, HANDLED, PARKED};
use crate::{Event, Settings};

/// What one consumer works with.
#[derive(Debug)]
pub(super) struct Worker<H, I> {
    pub(super) consumer: &'static str,
    pub(super) inbox: I,
    pub(super) sources: Vec<Source>,
    pub(super) settings: Settings,
    handler: H,
}

/// A cursor that this replica holds, or did until its lease expired.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeldCursor {
    pub(super) cursor: Cursor,
    pub(super) fence: i64,
}

/// Why events were not handled.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The handler failed at the event with this index.
    #[error("an event could not be handled")]
    Handler(usize, #[source] BoxError),
    /// The store failed, independently of the events.
    #[error("the store does not answer")]
    Inbox(#[source] BoxError),
    /// Another replica holds the cursor now.
    #[error("another replica has taken over")]
    Lost,
}

impl From<BoxError> for Failure {
    fn from(error: BoxError) -> Self {
        Self::Inbox(error)
    }
}

impl From<Failure> for background::Failure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Inbox(_) | Failure::Handler(..) => Self::own(failure),
            Failure::Lost => Self::neighbour(failure),
        }
    }
}

impl<I: Inbox, H: Handler<I>> Worker<H, I> {
    pub(super) fn new(subscription: Subscription<H, I>, settings: Settings) -> Self {
        Self {
            consumer: subscription.consumer,
            inbox: subscription.inbox,
            sources: subscription.sources,
            handler: subscription.handler,
            settings,
        }
    }

    fn wants(&self, event: &Event) -> bool {
        let is_from = |source: &&Source| source.part == event.source;
        let sources = self.sources.iter().filter(is_from);
        sources.flat_map(|source| source.kinds).any(|kind| *kind == event.kind)
    }

    /// Handles events in their order, as many as possible in one transaction. An event that fails is retried alone, and
    /// parked in the end.
    pub(super) async fn take(&self, mut events: &[Event], held: Option<HeldCursor>) -> Result<(), Failure> {
        let mut count = events.len();
        while !events.is_empty() {
            match self.attempt(&events[..count], held).await {
                Ok(()) => events = &events[count..],
                // The events before it are handled without it.
                Err(Failure::Handler(index, _)) if index > 0 => {
                    count = index;
                    continue;
                }
                Err(Failure::Handler(_, error)) => {
                    self.retry_or_park(&events[0], held, error).await?;
                    events = &events[1..];
                }
                Err(failure) => return Err(failure),
            }
            count = events.len();
        }
        Ok(())
    }

    /// Handles all of the events in one transaction, or none.
    async fn attempt(&self, events: &[Event], held: Option<HeldCursor>) -> Result<(), Failure> {
        let now = clock::now();
        let mut tx = self.inbox.begin().await?;
        self.advance(&mut tx, events, held).await?;
        let mut handled = 0;
        for (index, event) in events.iter().enumerate().filter(|(_, event)| self.wants(event)) {
            if !self.inbox.record(&mut tx, self.consumer, event.id, now).await? {
                continue;
            }
            let queue = self
                .inbox
                .parked_of_subject(&mut tx, self.consumer, &event.subject)
                .await?;
            if let Some((first, _)) = queue.first() {
                let why = format!("follows {first} of the same subject, which is parked");
                self.park(&mut tx, event, &queue, why, 0).await?;
                continue;
            }
            let effect = self.handle(&mut tx, event).await;
            effect.map_err(|error| Failure::Handler(index, error))?;
            handled += 1;
        }
        self.inbox.commit(tx).await?;
        counter!(HANDLED, "consumer" => self.consumer).increment(handled);
        Ok(())
    }

    /// Checks the fence and moves the cursors. It comes first, so that a replica that has lost its cursor does nothing.
    async fn advance(&self, tx: &mut I::Tx, events: &[Event], held: Option<HeldCursor>) -> Result<(), Failure> {
        if let Some(HeldCursor { cursor, fence }) = held {
            let is_held = self.inbox.extend(tx, cursor, fence, self.settings.until()).await?;
            is_held.then_some(()).ok_or(Failure::Lost)?;
        }
        for source in &self.sources {
            if let Some(last) = events.iter().rfind(|event| event.source == source.part) {
                let cursor = source.cursor(self.consumer);
                self.inbox.advance(tx, cursor, Some(last.id)).await?;
            }
        }
        Ok(())
    }

    /// Calls the handler in the trace of the event.
    pub(super) async fn handle(&self, tx: &mut I::Tx, event: &Event) -> Result<(), BoxError> {
        let name = format!("{} {}", self.consumer, event.kind);
        let effect = self.call_handler(tx, event);
        consume(name, &event.id.to_string(), event.traceparent.as_deref(), effect).await
    }

    /// A panic and a timeout of the handler are errors of that event alone.
    async fn call_handler(&self, tx: &mut I::Tx, event: &Event) -> Result<(), BoxError> {
        let effect = catch_panic(self.handler.handle(tx, event));
        let outcome = match timeout(self.settings.lease(), effect).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(panic.into()),
            Err(_) => Err("the handler took too long".into()),
        };
        if let Err(error) = &outcome {
            counter!(FAILED, "consumer" => self.consumer).increment(1);
            let (consumer, event, kind) = (self.consumer, event.id, &event.kind);
            tracing::warn!(error = causes(&**error), consumer, %event, kind, "an event could not be handled");
        }
        outcome
    }

    /// Retries an event that has failed once, and parks it in the end.
    async fn retry_or_park(&self, event: &Event, held: Option<HeldCursor>, mut error: BoxError) -> Result<(), Failure> {
        for pause in self.pauses() {
            sleep(pause).await;
            self.renew(held).await?;
            match self.attempt(std::slice::from_ref(event), held).await {
                Err(Failure::Handler(_, again)) => error = again,
                outcome => return outcome,
            }
        }
        self.renew(held).await?;
        let mut tx = self.inbox.begin().await?;
        self.advance(&mut tx, std::slice::from_ref(event), held).await?;
        if self
            .inbox
            .record(&mut tx, self.consumer, event.id, clock::now())
            .await?
        {
            let queue = self
                .inbox
                .parked_of_subject(&mut tx, self.consumer, &event.subject)
                .await?;
            let why = describe(&error);
            self.park(&mut tx, event, &queue, why, self.settings.attempts).await?;
        }
        Ok(self.inbox.commit(tx).await?)
    }

    /// The pauses between the attempts for one event.
    fn pauses(&self) -> impl Iterator<Item = Duration> + Send + use<H, I> {
        ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(self.settings.pause_ms))
            .with_max_delay(self.settings.lease() / 4)
            .with_max_times(self.settings.attempts.saturating_sub(1) as usize)
            .with_jitter()
            .build()
    }

    async fn renew(&self, held: Option<HeldCursor>) -> Result<(), Failure> {
        let Some(HeldCursor { cursor, fence }) = held else {
            return Ok(());
        };
        let claim = self
            .inbox
            .claim(cursor, Some(fence), clock::now(), self.settings.until())
            .await?;
        match claim {
            Some(claim) if claim.fence == fence => Ok(()),
            _ => Err(Failure::Lost),
        }
    }

    async fn park(
        &self,
        tx: &mut I::Tx,
        event: &Event,
        queue: &[(Uuid, i64)],
        error: String,
        attempts: u32,
    ) -> Result<(), BoxError> {
        let (consumer, id, kind) = (self.consumer, event.id, &event.kind);
        tracing::error!(reason = error, consumer, event = %id, kind, subject = event.subject, tries = attempts, "an event is parked");
        counter!(PARKED, "consumer" => self.consumer).increment(1);
        let parked = Parked {
            event: event.clone(),
            consumer: self.consumer.to_owned(),
            error,
            attempts,
            parked_at: clock::now(),
            turn: queue.last().map_or(1, |(_, turn)| turn + 1),
        };
        self.inbox.park(tx, &parked).await
    }
}

/// The error as operators may read it outside of the log: the text of a database or of a panic never leaves the process.
pub(super) fn describe(error: &BoxError) -> String {
    if errors::has::<storage::Error>(&**error) {
        return "the database returned an error, see the log".to_owned();
    }
    if errors::has::<Panic>(&**error) {
        return "the handler panicked, see the log".to_owned();
    }
    errors::chain(&**error).to_string()
}
