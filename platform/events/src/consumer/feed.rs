//! Reading a source's feed. Only one replica reads at a time: the one that holds the cursor.

use std::sync::Arc;
use std::time::Duration;

use background::{Progress, Work};
use metrics::{counter, gauge};
use serde::Serialize;
use service::{CallError, Client, causes};
use storage::clock;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::worker::{Failure, HeldCursor, Worker};
use super::{Handler, Source};
use crate::Event;
use crate::inbox::{Cursor, Inbox};
use crate::metrics::{CONSUMER_LAG, CONSUMER_LAG_SECONDS, GAPS, level};
use crate::outbox::feed::BEHIND;

/// Events requested at once; they share a transaction if no handler fails.
const PAGE: u32 = 100;
/// The pause after a page that was not full, so that the next page has more events.
const PAUSE: Duration = Duration::from_millis(20);
/// The shortest time between two requests to a source without new events.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
pub(super) enum FeedError {
    #[error(transparent)]
    Failure(#[from] Failure),
    #[error("the feed cannot be read")]
    Call(#[from] CallError),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_id: Option<Uuid>,
    timeout: u128,
    limit: u32,
}

struct Page {
    events: Vec<Event>,
    /// Number of events after these
    behind: u64,
}

impl From<FeedError> for background::Failure {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Failure(failure) => failure.into(),
            FeedError::Call(_) => Self::neighbour(error),
        }
    }
}

/// Reads the feed of one source for one consumer.
pub(super) struct Reader<H, I> {
    worker: Arc<Worker<H, I>>,
    client: Client,
    cursor: Cursor,
    held: Option<HeldCursor>,
}

impl<I: Inbox, H: Handler<I>> Work for Reader<H, I> {
    async fn run(&mut self, progress: &Progress) -> Result<(), background::Failure> {
        let wait = self.worker.settings.lease() / 2;
        loop {
            self.step(wait).await?;
            progress.succeeded();
        }
    }

    /// Releases the cursor, so that another replica need not wait until the lease has expired.
    async fn release(&mut self) {
        if let Some(HeldCursor { cursor, fence }) = self.held.take()
            && let Err(error) = self.worker.inbox.release(cursor, fence).await
        {
            tracing::warn!(
                error = causes(&*error),
                "the cursor is not released until its lease expires"
            );
        }
    }
}

impl<I: Inbox, H: Handler<I>> Reader<H, I> {
    pub(super) fn new(worker: Arc<Worker<H, I>>, source: Source) -> Self {
        Self {
            cursor: source.cursor(worker.consumer),
            client: Client::new(source.part, source.url),
            held: None,
            worker,
        }
    }

    /// Reads until there are no more events.
    pub(super) async fn catch_up(mut self) -> Result<(), FeedError> {
        while self.step(Duration::ZERO).await? {}
        self.release().await;
        Ok(())
    }

    /// Reads one page, and returns whether there may be another.
    async fn step(&mut self, wait: Duration) -> Result<bool, FeedError> {
        let worker = &self.worker;
        let fence = self.held.take().map(|held| held.fence);
        let until = worker.settings.until();
        let claim = worker.inbox.claim(self.cursor, fence, clock::now(), until).await;
        let Some(claim) = claim.map_err(Failure::from)? else {
            sleep(worker.settings.lease() / 4).await;
            return Ok(true);
        };
        let held = HeldCursor {
            cursor: self.cursor,
            fence: claim.fence,
        };
        self.held = Some(held);
        let begun = Instant::now();
        let page = match self.fetch(claim.last_event, wait).await {
            Err(CallError::Refused(_, problem)) if problem.is("event-gone") => {
                self.start_over(held).await?;
                return Ok(true);
            }
            page => page?,
        };
        self.measure(&page);
        if page.events.is_empty() {
            // A source that is about to stop does not hold its responses back.
            sleep(MIN_INTERVAL.min(wait).saturating_sub(begun.elapsed())).await;
            return Ok(false);
        }
        worker.take(&page.events, Some(held)).await?;
        if page.events.len() < PAGE as usize {
            sleep(PAUSE.min(wait)).await;
        }
        Ok(true)
    }

    async fn fetch(&self, last_event_id: Option<Uuid>, wait: Duration) -> Result<Page, CallError> {
        let query = Query {
            last_event_id,
            timeout: wait.as_millis(),
            limit: PAGE,
        };
        let request = self
            .client
            .get(&["events"])
            .query(&query)
            .timeout(self.worker.settings.lease());
        let (headers, body) = request.exchange().await?;
        let behind = headers.get(BEHIND).and_then(|value| value.to_str().ok()?.parse().ok());
        let events = serde_json::from_slice(&body);
        Ok(Page {
            events: events.map_err(|error| CallError::Malformed(self.cursor.source, error.into()))?,
            behind: behind.unwrap_or_default(),
        })
    }

    /// Starts from the feed's beginning: the source has deleted the event of the cursor, or its history was replaced. The
    /// events in between are lost, and stopping here would not bring them back.
    async fn start_over(&self, held: HeldCursor) -> Result<(), Failure> {
        let Cursor { consumer, source } = self.cursor;
        tracing::error!(
            consumer,
            source,
            "a feed no longer has the last processed event: it is read from its beginning"
        );
        counter!(GAPS, "consumer" => consumer, "source" => source).increment(1);
        let inbox = &self.worker.inbox;
        let mut tx = inbox.begin().await?;
        if !inbox
            .extend(&mut tx, held.cursor, held.fence, self.worker.settings.until())
            .await?
        {
            return Err(Failure::Lost);
        }
        inbox.advance(&mut tx, held.cursor, None).await?;
        Ok(inbox.commit(tx).await?)
    }

    fn measure(&self, page: &Page) {
        let Cursor { consumer, source } = self.cursor;
        let lag = page.behind + page.events.len() as u64;
        let age = page
            .events
            .first()
            .and_then(|event| (clock::now() - event.time).to_std().ok());
        gauge!(CONSUMER_LAG, "consumer" => consumer, "source" => source).set(level(lag));
        gauge!(CONSUMER_LAG_SECONDS, "consumer" => consumer, "source" => source)
            .set(age.unwrap_or_default().as_secs_f64());
    }
}
