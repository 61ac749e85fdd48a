//! `/events/parked`: the routes for operators.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use service::{BoxError, Json, Path, Problem, Query, causes};
use storage::clock;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::worker::{Worker, describe};
use super::{Consumer, Handler};
use crate::inbox::{Inbox, Parked};

/// Parked events in one response, at most.
const LIMIT: u32 = 1000;

/// Why a request about a parked event is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such event.
    #[error("No event with this id is parked.")]
    NotFound,
    /// An earlier event of the same subject comes first.
    #[error("The event {0} of the same subject comes first.")]
    NotFirst(Uuid),
    /// The handler failed again.
    #[error("It failed again: {0}.")]
    FailedAgain(String),
    /// An internal error.
    #[error(transparent)]
    Internal(#[from] BoxError),
}

impl Error {
    /// The problems for the contract: an example of each, and when it occurs.
    pub(super) fn problems() -> Vec<(Self, &'static str)> {
        vec![
            (
                Self::NotFirst(Uuid::nil()),
                "an earlier event of the same subject is parked: replay that one first",
            ),
            (
                Self::FailedAgain("the database does not answer".to_owned()),
                "the handler failed again",
            ),
        ]
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound => Self::not_found(detail),
            Error::NotFirst(_) => Self::new(StatusCode::CONFLICT, "not-first", "Not the first").detail(detail),
            Error::FailedAgain(_) => Self::new(StatusCode::CONFLICT, "failed-again", "Failed again").detail(detail),
            Error::Internal(cause) => Self::internal(cause.as_ref()),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

/// What the routes need of a consumer, whatever its store and handler.
#[async_trait::async_trait]
pub(super) trait ParkedEvents: Send + Sync {
    async fn parked(&self) -> Result<Vec<Parked>, BoxError>;
    /// Handles a parked event now, and then those that were parked behind it. Returns the events that are no longer parked.
    async fn replay(&self, event: Uuid) -> Result<Vec<Uuid>, Error>;
    /// Discards a parked event, and then handles those that were parked behind it. Returns the latter.
    async fn discard(&self, event: Uuid, reason: &str) -> Result<Vec<Uuid>, Error>;
}

#[async_trait::async_trait]
impl<I: Inbox, H: Handler<I>> ParkedEvents for Worker<H, I> {
    async fn parked(&self) -> Result<Vec<Parked>, BoxError> {
        self.inbox.parked(self.consumer, LIMIT).await
    }

    async fn replay(&self, event: Uuid) -> Result<Vec<Uuid>, Error> {
        let followers = self.replay_one(event).await?;
        let mut replayed = vec![event];
        replayed.extend(self.replay_followers(followers).await);
        Ok(replayed)
    }

    async fn discard(&self, event: Uuid, reason: &str) -> Result<Vec<Uuid>, Error> {
        let mut tx = self.inbox.begin().await?;
        let parked = self.inbox.unpark(&mut tx, self.consumer, event).await?;
        let Parked { event, turn, .. } = parked.ok_or(Error::NotFound)?;
        let queue = self
            .inbox
            .parked_of_subject(&mut tx, self.consumer, &event.subject)
            .await?;
        self.inbox.commit(tx).await?;
        let content = serde_json::to_string(&event).unwrap_or_default();
        tracing::warn!(reason, consumer = self.consumer, event = %event.id, content, "a parked event is discarded");
        let is_first = queue.first().is_none_or(|(_, next)| *next > turn);
        let followers = if is_first { queue } else { Vec::new() };
        let followers = followers.into_iter().map(|(id, _)| id).collect();
        Ok(self.replay_followers(followers).await)
    }
}

impl<I: Inbox, H: Handler<I>> Worker<H, I> {
    /// Handles a parked event, and returns those that are parked behind it.
    async fn replay_one(&self, event: Uuid) -> Result<Vec<Uuid>, Error> {
        let mut tx = self.inbox.begin().await?;
        let parked = self.inbox.unpark(&mut tx, self.consumer, event).await?;
        let Parked { event, turn, .. } = parked.ok_or(Error::NotFound)?;
        let queue = self
            .inbox
            .parked_of_subject(&mut tx, self.consumer, &event.subject)
            .await?;
        if let Some((first, _)) = queue.first().filter(|(_, first)| *first < turn) {
            return Err(Error::NotFirst(*first));
        }
        if let Err(error) = self.handle(&mut tx, &event).await {
            drop(tx);
            return Err(self.record_failure(event.id, &error).await?);
        }
        self.inbox.commit(tx).await?;
        Ok(queue.into_iter().map(|(id, _)| id).collect())
    }

    /// Handles events in order up to the first one that fails.
    async fn replay_followers(&self, events: Vec<Uuid>) -> Vec<Uuid> {
        let mut replayed = Vec::new();
        for event in events {
            match self.replay_one(event).await {
                Ok(_) => replayed.push(event),
                // Errors of the handler have been logged already.
                Err(Error::Internal(error)) => {
                    tracing::warn!(error = causes(&*error), consumer = self.consumer, %event, "an event stays parked");
                    break;
                }
                Err(_) => break,
            }
        }
        replayed
    }

    /// Stores that a parked event has failed once more.
    async fn record_failure(&self, event: Uuid, error: &BoxError) -> Result<Error, Error> {
        let message = describe(error);
        let mut tx = self.inbox.begin().await?;
        // Somebody else may have replayed it in the meantime.
        let parked = self.inbox.unpark(&mut tx, self.consumer, event).await?;
        let parked = parked.ok_or(Error::NotFound)?;
        let parked = Parked {
            error: message.clone(),
            attempts: parked.attempts + 1,
            parked_at: clock::now(),
            ..parked
        };
        self.inbox.park(&mut tx, &parked).await?;
        self.inbox.commit(tx).await?;
        Ok(Error::FailedAgain(message))
    }
}

/// A list of parked events.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParkedEventList {
    items: Vec<Parked>,
}

/// The result of a replay.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    /// Ids of the events that took effect and are no longer parked
    replayed: Vec<Uuid>,
}

/// Query parameters of a deletion.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DiscardQuery {
    /// Why the event is discarded, for the log, which then contains the whole event
    #[param(min_length = 1)]
    reason: String,
}

/// Lists the events that could not be handled, at most 1,000, oldest first.
#[utoipa::path(
    get,
    path = "/events/parked",
    operation_id = "listParkedEvents",
    responses((status = 200, body = ParkedEventList, example = json!({ "items": [] }))),
)]
pub async fn list(State(Consumer(consumer)): State<Consumer>) -> Result<Json<ParkedEventList>, Error> {
    let items = consumer.parked.parked().await?;
    Ok(Json(ParkedEventList { items }))
}

/// Handles a parked event again. If that succeeds, the events of the same subject behind it are handled, too.
#[utoipa::path(
    post,
    path = "/events/parked/{id}/replay",
    operation_id = "replayParkedEvent",
    params(("id" = Uuid, Path, description = "The event's id")),
    responses(
        (status = 200, body = Replayed, example = json!({ "replayed": ["01890a5d-ac96-774b-bcce-b302099a8057"] })),
    ),
    extensions(("x-problems" = json!(["failed-again", "not-first"]))),
)]
pub async fn replay(
    State(Consumer(consumer)): State<Consumer>,
    Path(event): Path<Uuid>,
) -> Result<Json<Replayed>, Error> {
    let replayed = consumer.parked.replay(event).await?;
    Ok(Json(Replayed { replayed }))
}

/// Discards a parked event for good, and then handles the events of the same subject behind it.
#[utoipa::path(
    delete,
    path = "/events/parked/{id}",
    operation_id = "deleteParkedEvent",
    params(("id" = Uuid, Path, description = "The event's id"), DiscardQuery),
    responses(
        (status = 200, body = Replayed, example = json!({ "replayed": [] })),
    ),
)]
pub async fn remove(
    State(Consumer(consumer)): State<Consumer>,
    Path(event): Path<Uuid>,
    Query(DiscardQuery { reason }): Query<DiscardQuery>,
) -> Result<Response, Error> {
    if reason.trim().is_empty() {
        return Ok(Problem::invalid_query("Give a reason for discarding the event.").into_response());
    }
    let replayed = consumer.parked.discard(event, &reason).await?;
    Ok(Json(Replayed { replayed }).into_response())
}
