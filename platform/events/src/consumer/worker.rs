//! From events to effects: one transaction for the effect, the record of it, and the cursor.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use metrics::counter;
use service::{BoxError, Panic, caught, causes, consume};
use storage::clock;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{Handler, Source, Subscription};
use crate::inbox::{Cursor, Inbox, Parked};
use crate::metrics::{FAILED, HANDLED, PARKED};
use crate::{Event, Settings};

/// Everything that one consumer works with.
#[derive(Debug)]
pub(super) struct Worker<H, I> {
    pub(super) consumer: &'static str,
    pub(super) inbox: I,
    pub(super) sources: Vec<Source>,
    pub(super) settings: Settings,
    handler: H,
}

/// A cursor that is held, or was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) cursor: Cursor,
    pub(super) fence: i64,
}

/// Why events were not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The handler could not, the one with this place among them.
    #[error("an event could not be taken")]
    Handler(usize, #[source] BoxError),
    /// The store could not. That is no event's fault.
    #[error("the store does not answer")]
    Inbox(#[source] BoxError),
    /// Another replica has the cursor now.
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

    /// Takes events in their order: as many as go well in one transaction. One that fails is tried again alone and
    /// parked in the end.
    pub(super) async fn take(&self, mut events: &[Event], held: Option<Held>) -> Result<(), Failure> {
        let mut together = events.len();
        while !events.is_empty() {
            match self.attempt(&events[..together], held).await {
                Ok(()) => events = &events[together..],
                // Those before it are taken without it.
                Err(Failure::Handler(place, _)) if place > 0 => {
                    together = place;
                    continue;
                }
                Err(Failure::Handler(_, error)) => {
                    self.settle(&events[0], held, error).await?;
                    events = &events[1..];
                }
                Err(failure) => return Err(failure),
            }
            together = events.len();
        }
        Ok(())
    }

    /// All of these, or none.
    async fn attempt(&self, events: &[Event], held: Option<Held>) -> Result<(), Failure> {
        let now = clock::now();
        let mut tx = self.inbox.begin().await?;
        self.advance(&mut tx, events, held).await?;
        let mut handled = 0;
        for (place, event) in events.iter().enumerate().filter(|(_, event)| self.wants(event)) {
            if !self.inbox.record(&mut tx, self.consumer, event.id, now).await? {
                continue;
            }
            let queue = self.inbox.queue(&mut tx, self.consumer, &event.subject).await?;
            if let Some((first, _)) = queue.first() {
                let why = format!("follows {first} of the same subject, which is parked");
                self.park(&mut tx, event, &queue, why, 0).await?;
                continue;
            }
            let effect = self.handle(&mut tx, event).await;
            effect.map_err(|error| Failure::Handler(place, error))?;
            handled += 1;
        }
        self.inbox.commit(tx).await?;
        counter!(HANDLED, "consumer" => self.consumer).increment(handled);
        Ok(())
    }

    /// First of all, so that whoever has lost its cursor does nothing.
    async fn advance(&self, tx: &mut I::Tx, events: &[Event], held: Option<Held>) -> Result<(), Failure> {
        if let Some(Held { cursor, fence }) = held {
            let is_held = self.inbox.hold(tx, cursor, fence, self.settings.until()).await?;
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

    /// In the trace of the event.
    pub(super) async fn handle(&self, tx: &mut I::Tx, event: &Event) -> Result<(), BoxError> {
        let name = format!("{} {}", self.consumer, event.kind);
        let effect = self.try_handle(tx, event);
        consume(name, &event.id.to_string(), event.traceparent.as_deref(), effect).await
    }

    /// A handler that panics or hangs has failed, and nothing else has.
    async fn try_handle(&self, tx: &mut I::Tx, event: &Event) -> Result<(), BoxError> {
        let effect = caught(self.handler.handle(tx, event));
        let outcome = match timeout(self.settings.lease(), effect).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(panic.into()),
            Err(_) => Err("the handler took too long".into()),
        };
        if let Err(error) = &outcome {
            counter!(FAILED, "consumer" => self.consumer).increment(1);
            let (consumer, event, kind) = (self.consumer, event.id, &event.kind);
            tracing::warn!(error = causes(&**error), consumer, %event, kind, "an event could not be taken");
        }
        outcome
    }

    /// Tries an event again that has failed once, and parks it in the end.
    async fn settle(&self, event: &Event, held: Option<Held>, mut error: BoxError) -> Result<(), Failure> {
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
            let queue = self.inbox.queue(&mut tx, self.consumer, &event.subject).await?;
            let why = describe(&error);
            self.park(&mut tx, event, &queue, why, self.settings.tries).await?;
        }
        Ok(self.inbox.commit(tx).await?)
    }

    /// Between the tries of one event.
    fn pauses(&self) -> impl Iterator<Item = Duration> + Send + use<H, I> {
        ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(self.settings.pause_ms))
            .with_max_delay(self.settings.lease() / 4)
            .with_max_times(self.settings.tries.saturating_sub(1) as usize)
            .with_jitter()
            .build()
    }

    async fn renew(&self, held: Option<Held>) -> Result<(), Failure> {
        let Some(Held { cursor, fence }) = held else {
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
        tries: u32,
    ) -> Result<(), BoxError> {
        let (consumer, id, kind) = (self.consumer, event.id, &event.kind);
        tracing::error!(reason = error, consumer, event = %id, kind, subject = event.subject, tries, "an event is parked");
        counter!(PARKED, "consumer" => self.consumer).increment(1);
        let parked = Parked {
            event: event.clone(),
            consumer: self.consumer.to_owned(),
            error,
            tries,
            parked_at: clock::now(),
            turn: queue.last().map_or(1, |(_, turn)| turn + 1),
        };
        self.inbox.park(tx, &parked).await
    }
}

/// What an operator may read outside of the log: the text of a database or of a panic never leaves the process.
pub(super) fn describe(error: &BoxError) -> String {
    if errors::has::<storage::Error>(&**error) {
        return "the database refused; the log says why".to_owned();
    }
    if errors::has::<Panic>(&**error) {
        return "the handler panicked; the log says why".to_owned();
    }
    errors::chain(&**error).to_string()
}
