//! `/events/parked`: the operator's door.

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

/// Parked events in one answer, at most.
const MOST: u32 = 1000;

/// Why a parked event stays where it is.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such event.
    #[error("No event with this id is parked.")]
    NotFound,
    /// An earlier one has to go first.
    #[error("The event {0} of the same subject comes first.")]
    NotFirst(Uuid),
    /// It failed again.
    #[error("It failed again: {0}.")]
    FailedAgain(String),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] BoxError),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let detail = self.to_string();
        match self {
            Self::NotFound => Problem::not_found(detail),
            Self::NotFirst(_) => Problem::new(StatusCode::CONFLICT, "not-first", "Not the first").detail(detail),
            Self::FailedAgain(_) => Problem::new(StatusCode::CONFLICT, "failed-again", "Failed again").detail(detail),
            Self::Internal(cause) => Problem::internal(cause.as_ref()),
        }
        .into_response()
    }
}

/// A consumer, whatever its store and its handler.
#[async_trait::async_trait]
pub(super) trait Door: Send + Sync {
    async fn parked(&self) -> Result<Vec<Parked>, BoxError>;
    /// Handles a parked event now, and then those that waited for it. Gives those that are parked no longer.
    async fn replay(&self, event: Uuid) -> Result<Vec<Uuid>, Error>;
    /// Drops a parked event, and then handles those that waited for it. Gives these.
    async fn discard(&self, event: Uuid, reason: &str) -> Result<Vec<Uuid>, Error>;
}

#[async_trait::async_trait]
impl<I: Inbox, H: Handler<I>> Door for Worker<H, I> {
    async fn parked(&self) -> Result<Vec<Parked>, BoxError> {
        self.inbox.parked(self.consumer, MOST).await
    }

    async fn replay(&self, event: Uuid) -> Result<Vec<Uuid>, Error> {
        let followers = self.replay_one(event).await?;
        let mut replayed = vec![event];
        replayed.extend(self.replay_while_good(followers).await);
        Ok(replayed)
    }

    async fn discard(&self, event: Uuid, reason: &str) -> Result<Vec<Uuid>, Error> {
        let mut tx = self.inbox.begin().await?;
        let parked = self.inbox.unpark(&mut tx, self.consumer, event).await?;
        let Parked { event, turn, .. } = parked.ok_or(Error::NotFound)?;
        let queue = self.inbox.queue(&mut tx, self.consumer, &event.subject).await?;
        self.inbox.commit(tx).await?;
        let content = serde_json::to_string(&event).unwrap_or_default();
        tracing::warn!(reason, consumer = self.consumer, event = %event.id, content, "a parked event is discarded");
        let is_first = queue.first().is_none_or(|(_, next)| *next > turn);
        let followers = if is_first { queue } else { Vec::new() };
        let followers = followers.into_iter().map(|(id, _)| id).collect();
        Ok(self.replay_while_good(followers).await)
    }
}

impl<I: Inbox, H: Handler<I>> Worker<H, I> {
    /// Handles a parked event, and gives those that waited for it.
    async fn replay_one(&self, event: Uuid) -> Result<Vec<Uuid>, Error> {
        let mut tx = self.inbox.begin().await?;
        let parked = self.inbox.unpark(&mut tx, self.consumer, event).await?;
        let Parked { event, turn, .. } = parked.ok_or(Error::NotFound)?;
        let queue = self.inbox.queue(&mut tx, self.consumer, &event.subject).await?;
        if let Some((first, _)) = queue.first().filter(|(_, first)| *first < turn) {
            return Err(Error::NotFirst(*first));
        }
        if let Err(error) = self.handle(&mut tx, &event).await {
            drop(tx);
            return Err(self.note(event.id, &error).await?);
        }
        self.inbox.commit(tx).await?;
        Ok(queue.into_iter().map(|(id, _)| id).collect())
    }

    /// In their order, up to the first one that fails.
    async fn replay_while_good(&self, events: Vec<Uuid>) -> Vec<Uuid> {
        let mut replayed = Vec::new();
        for event in events {
            match self.replay_one(event).await {
                Ok(_) => replayed.push(event),
                // What the handler could not, it has logged.
                Err(Error::Internal(error)) => {
                    tracing::warn!(error = causes(&*error), consumer = self.consumer, %event, "an event stays parked");
                    break;
                }
                Err(_) => break,
            }
        }
        replayed
    }

    /// Writes down that a parked event has failed once more.
    async fn note(&self, event: Uuid, error: &BoxError) -> Result<Error, Error> {
        let why = describe(error);
        let mut tx = self.inbox.begin().await?;
        // Away by now where somebody else has replayed it meanwhile.
        let parked = self.inbox.unpark(&mut tx, self.consumer, event).await?;
        let parked = parked.ok_or(Error::NotFound)?;
        let parked = Parked {
            error: why.clone(),
            tries: parked.tries + 1,
            parked_at: clock::now(),
            ..parked
        };
        self.inbox.park(&mut tx, &parked).await?;
        self.inbox.commit(tx).await?;
        Ok(Error::FailedAgain(why))
    }
}

/// The events that are parked.
#[derive(Debug, Serialize, ToSchema)]
pub struct List {
    items: Vec<Parked>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    /// The events that have had their effect and are parked no longer
    replayed: Vec<Uuid>,
}

/// Why an event shall be dropped.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Reason {
    /// For the log, which then has the whole event
    #[param(min_length = 1)]
    reason: String,
}

/// Lists the events that could not be taken, at most 1,000, those parked first before the others.
#[utoipa::path(
    get,
    path = "/events/parked",
    operation_id = "listParkedEvents",
    responses((status = 200, body = List, example = json!({ "items": [] }))),
)]
pub async fn list(State(Consumer(consumer)): State<Consumer>) -> Result<Json<List>, Error> {
    let items = consumer.door.parked().await?;
    Ok(Json(List { items }))
}

/// Tries a parked event again now, and where it goes well those of the same subject that waited for it.
#[utoipa::path(
    post,
    path = "/events/parked/{id}/replay",
    operation_id = "replayParkedEvent",
    params(("id" = Uuid, Path, description = "The event's id")),
    responses(
        (status = 200, body = Replayed, example = json!({ "replayed": ["01890a5d-ac96-774b-bcce-b302099a8057"] })),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn replay(
    State(Consumer(consumer)): State<Consumer>,
    Path(event): Path<Uuid>,
) -> Result<Json<Replayed>, Error> {
    let replayed = consumer.door.replay(event).await?;
    Ok(Json(Replayed { replayed }))
}

/// Drops a parked event for good, and then tries those of the same subject that waited for it.
#[utoipa::path(
    delete,
    path = "/events/parked/{id}",
    operation_id = "removeParkedEvent",
    params(("id" = Uuid, Path, description = "The event's id"), Reason),
    responses(
        (status = 200, body = Replayed, example = json!({ "replayed": [] })),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn remove(
    State(Consumer(consumer)): State<Consumer>,
    Path(event): Path<Uuid>,
    Query(Reason { reason }): Query<Reason>,
) -> Result<Response, Error> {
    if reason.trim().is_empty() {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "invalid-query", "Invalid query");
        return Ok(problem.detail("Say why the event shall be dropped.").into_response());
    }
    let replayed = consumer.door.discard(event, &reason).await?;
    Ok(Json(Replayed { replayed }).into_response())
}
