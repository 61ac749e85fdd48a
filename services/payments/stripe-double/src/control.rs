//! `/double`: the control API for tests. Stripe has no such API.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{Json, Path, Problem};

use crate::App;
use crate::api::refunds;
use crate::behaviour::Behaviour;
use crate::error::ApiError;
use crate::objects::Origin;
use crate::store;
use crate::sweep;

/// Why a request fails.
pub struct ControlError(Problem);

impl From<Problem> for ControlError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<storage::Error> for ControlError {
    fn from(error: storage::Error) -> Self {
        Self(Problem::internal(&error))
    }
}

impl From<ApiError> for ControlError {
    fn from(error: ApiError) -> Self {
        Self(Problem::internal(&error))
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

fn conflict(detail: &str) -> ControlError {
    ControlError(Problem::new(StatusCode::CONFLICT, "conflict", "Conflict").detail(detail))
}

/// Returns the behaviour.
pub async fn behaviour(State(app): State<App>) -> Json<Behaviour> {
    Json(app.behaviour.current())
}

/// Replaces the behaviour. Missing fields get their default.
pub async fn update_behaviour(
    State(app): State<App>,
    Json(behaviour): Json<Behaviour>,
) -> Result<Json<Behaviour>, ControlError> {
    app.behaviour.change(&app.db, behaviour).await?;
    Ok(Json(behaviour))
}

/// Expires a session now, as if its time had passed.
pub async fn expire_session(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>, ControlError> {
    let mut work = app.work(Origin::Time).await?;
    let session = store::sessions::find(&mut work.tx, &id).await?;
    let session = session.ok_or_else(|| Problem::not_found("There is no such session."))?;
    if !session.is_open() {
        return Err(conflict("The session is not open."));
    }
    let session = sweep::expire_now(&mut work, session).await?;
    app.commit(work).await?;
    Ok(Json(session.to_json()))
}

/// Lists all `POST` requests of the API.
pub async fn requests(State(app): State<App>) -> Result<Json<Vec<Value>>, ControlError> {
    Ok(Json(store::calls::recorded(&app.db).await?))
}

/// Lists all intents.
pub async fn charges(State(app): State<App>) -> Result<Json<Vec<Value>>, ControlError> {
    let intents = store::intents::list(&app.db).await?;
    let items = intents.into_iter().map(|intent| {
        json!({
            "id": intent.id, "status": intent.status, "amount": intent.amount, "currency": intent.currency,
            "amount_received": intent.amount_received, "amount_refunded": intent.amount_refunded,
            "metadata": intent.metadata,
        })
    });
    Ok(Json(items.collect()))
}

/// Lists all sessions.
pub async fn sessions(State(app): State<App>) -> Result<Json<Vec<Value>>, ControlError> {
    let sessions = store::sessions::list(&app.db).await?;
    let items = sessions.into_iter().map(|session| {
        json!({
            "id": session.id, "status": session.status, "payment_intent": session.intent,
            "metadata": session.params.metadata,
        })
    });
    Ok(Json(items.collect()))
}

/// The final status of a refund.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettleRefund {
    status: RefundStatus,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RefundStatus {
    Succeeded,
    Failed,
}

/// Settles a pending refund, or makes a succeeded one fail.
pub async fn settle(
    State(app): State<App>,
    Path(id): Path<String>,
    Json(SettleRefund { status }): Json<SettleRefund>,
) -> Result<Json<Value>, ControlError> {
    let mut work = app.work(Origin::Time).await?;
    let refund = store::refunds::find(&mut work.tx, &id).await?;
    let refund = refund.ok_or_else(|| Problem::not_found("There is no such refund."))?;
    let refund = refunds::settle(&mut work, refund, matches!(status, RefundStatus::Succeeded)).await?;
    let refund = refund.ok_or_else(|| conflict("The refund has already ended."))?;
    app.commit(work).await?;
    Ok(Json(refund.to_json()))
}
