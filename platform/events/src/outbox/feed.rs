//! `GET /events`: an [HTTP feed](https://www.http-feeds.org).

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use service::{Limit, Problem, Query};
use storage::Error;
use tokio::time::{Instant, timeout_at};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{Outbox, store};
use crate::Event;

/// The media type of the feed: a JSON array of
/// [CloudEvents](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#4-json-batch-format).
pub(crate) const BATCH: &str = "application/cloudevents-batch+json";
/// Number of further events after the last one of the response.
pub(crate) const BEHIND: HeaderName = HeaderName::from_static("x-events-behind");

/// Query parameters of the feed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct ListEventsQuery {
    /// Id of the last event read: returns the events after it; without it, all events that are kept
    last_event_id: Option<Uuid>,
    /// Milliseconds to wait for an event if there is none yet
    #[param(value_type = Option<u32>, maximum = 30_000, default = 0)]
    #[serde(default)]
    timeout: Timeout,
    /// Maximum number of events to return
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    #[serde(default)]
    limit: Limit<100, 1000>,
}

/// How long a response without events is held back.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "u32")]
struct Timeout(Duration);

impl TryFrom<u32> for Timeout {
    type Error = &'static str;

    fn try_from(milliseconds: u32) -> Result<Self, &'static str> {
        match milliseconds {
            0..=30_000 => Ok(Self(Duration::from_millis(milliseconds.into()))),
            _ => Err("must be 0 to 30000"),
        }
    }
}

/// Lists events in the order in which they happened. If there is none yet, waits for the next one.
#[utoipa::path(
    get,
    path = "/events",
    operation_id = "listEvents",
    params(ListEventsQuery),
    responses(
        (
            status = 200, body = Vec<Event>, content_type = "application/cloudevents-batch+json",
            headers(("x-events-behind" = u64, description = "Number of further events after the last one of this page")),
            example = json!([example()]),
        ),
    ),
    extensions(("x-problems" = json!(["event-gone"]))),
)]
pub async fn list(State(outbox): State<Outbox>, Query(query): Query<ListEventsQuery>) -> Result<Response, Problem> {
    let internal = |error: Error| Problem::internal(&error);
    let after = match query.last_event_id {
        None => 0,
        Some(id) => store::find(&outbox.0.db, id)
            .await
            .map_err(internal)?
            .ok_or_else(|| gone(id))?,
    };
    let (Timeout(timeout), limit) = (query.timeout, query.limit);
    let events = outbox.next(after, limit.rows(), timeout).await.map_err(internal)?;

    let behind = match events.last() {
        Some((last, _)) if limit.is_reached(events.len()) => store::head(&outbox.0.db).await.map_err(internal)? - last,
        _ => 0,
    };
    let events: Vec<Event> = events.into_iter().map(|(_, event)| event).collect();
    let headers = [
        (header::CONTENT_TYPE, BATCH.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (BEHIND, behind.to_string()),
    ];
    let body = serde_json::to_vec(&events).map_err(|error| Problem::internal(&error))?;
    Ok((headers, body).into_response())
}

impl Outbox {
    /// The next events after a number; waits if there is none.
    async fn next(&self, after: i64, limit: i64, timeout: Duration) -> Result<Vec<(i64, Event)>, Error> {
        let until = Instant::now() + timeout;
        let mut head = self.0.head.clone();
        loop {
            let events = store::list(&self.0.db, after, limit).await?;
            if !events.is_empty() {
                return Ok(events);
            }
            let has_more = tokio::select! {
                more = timeout_at(until, head.wait_for(|head| *head > after)) => matches!(more, Ok(Ok(_))),
                // A request that waits would only delay the end of the process.
                () = background::stopping() => false,
            };
            if !has_more {
                // An event published in the last moment comes with the next response.
                return Ok(events);
            }
        }
    }
}

pub(super) fn gone(id: Uuid) -> Problem {
    Problem::new(StatusCode::GONE, "event-gone", "Event gone")
        .detail(format!("There is no event {id}, or it is no longer kept."))
}

fn example() -> serde_json::Value {
    json!({
        "specversion": "1.0",
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "source": "things",
        "type": "things.thing-made.v1",
        "subject": "thing/7",
        "time": "2026-03-01T08:30:00Z",
        "data": { "size": 3 },
    })
}
