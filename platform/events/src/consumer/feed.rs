//! Reading a source's feed. Of all replicas one reads, the one that holds the cursor.

use std::sync::Arc;
use std::time::Duration;

use background::{Progress, Work};
use metrics::{counter, gauge};
use serde::Serialize;
use service::{CallError, Client, causes};
use storage::clock;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::worker::{Failure, Held, Worker};
use super::{Handler, Source};
use crate::Event;
use crate::inbox::{Cursor, Inbox};
use crate::metrics::{CONSUMER_LAG, CONSUMER_LAG_SECONDS, GAPS, level};
use crate::outbox::feed::BEHIND;

/// Events asked for at once; they share a transaction if all goes well.
const PAGE: u32 = 100;
/// After a page that was not full: what happens meanwhile shares the next one.
const GATHER: Duration = Duration::from_millis(20);
/// Between two questions to a source that has nothing.
const AT_LEAST: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
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
    /// How many more there were.
    behind: u64,
}

impl From<Trouble> for background::Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Failure(failure) => failure.into(),
            Trouble::Call(_) => Self::neighbour(trouble),
        }
    }
}

/// One consumer at the feed of one source.
pub(super) struct Reader<H, I> {
    worker: Arc<Worker<H, I>>,
    client: Client,
    cursor: Cursor,
    held: Option<Held>,
}

impl<I: Inbox, H: Handler<I>> Work for Reader<H, I> {
    async fn run(&mut self, progress: &Progress) -> Result<(), background::Failure> {
        let patience = self.worker.settings.lease() / 2;
        loop {
            self.step(patience).await?;
            progress.made();
        }
    }

    /// Another replica need not wait for the lease to run out.
    async fn release(&mut self) {
        if let Some(Held { cursor, fence }) = self.held.take()
            && let Err(error) = self.worker.inbox.release(cursor, fence).await
        {
            tracing::warn!(
                error = causes(&*error),
                "the cursor stays held until its lease runs out"
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

    /// Reads all there is.
    pub(super) async fn catch_up(mut self) -> Result<(), Trouble> {
        while self.step(Duration::ZERO).await? {}
        self.release().await;
        Ok(())
    }

    /// One page. Says whether there may be another.
    async fn step(&mut self, patience: Duration) -> Result<bool, Trouble> {
        let worker = &self.worker;
        let fence = self.held.take().map(|held| held.fence);
        let until = worker.settings.until();
        let claim = worker.inbox.claim(self.cursor, fence, clock::now(), until).await;
        let Some(claim) = claim.map_err(Failure::from)? else {
            sleep(worker.settings.lease() / 4).await;
            return Ok(true);
        };
        let held = Held {
            cursor: self.cursor,
            fence: claim.fence,
        };
        self.held = Some(held);
        let begun = Instant::now();
        let page = match self.fetch(claim.last_event, patience).await {
            Err(CallError::Refused(_, problem)) if problem.is("event-gone") => {
                self.start_over(held).await?;
                return Ok(true);
            }
            page => page?,
        };
        self.measure(&page);
        if page.events.is_empty() {
            // One that is about to stop does not hold its answers back.
            sleep(AT_LEAST.min(patience).saturating_sub(begun.elapsed())).await;
            return Ok(false);
        }
        worker.take(&page.events, Some(held)).await?;
        if page.events.len() < PAGE as usize {
            sleep(GATHER.min(patience)).await;
        }
        Ok(true)
    }

    async fn fetch(&self, last_event_id: Option<Uuid>, patience: Duration) -> Result<Page, CallError> {
        let query = Query {
            last_event_id,
            timeout: patience.as_millis(),
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

    /// The source has swept the event at which this consumer stands, or has another history now. What was between is
    /// lost to it, and stopping here would not bring it back.
    async fn start_over(&self, held: Held) -> Result<(), Failure> {
        let Cursor { consumer, source } = self.cursor;
        tracing::error!(
            consumer,
            source,
            "a feed no longer has the last event that was taken: it is read from its beginning"
        );
        counter!(GAPS, "consumer" => consumer, "source" => source).increment(1);
        let inbox = &self.worker.inbox;
        let mut tx = inbox.begin().await?;
        if !inbox
            .hold(&mut tx, held.cursor, held.fence, self.worker.settings.until())
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
