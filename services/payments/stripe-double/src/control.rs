//! `/double`: the door for tests. Stripe has no such thing.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{Json, Path, Problem};

use crate::App;
use crate::api::refunds;
use crate::behaviour::Behaviour;
use crate::error::Refusal;
use crate::objects::Origin;
use crate::store;
use crate::sweep;

/// Why there is no answer.
pub struct No(Problem);

impl From<Problem> for No {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<storage::Error> for No {
    fn from(error: storage::Error) -> Self {
        Self(Problem::internal(&error))
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self(Problem::internal(&refusal))
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

fn conflict(detail: &str) -> No {
    No(Problem::new(StatusCode::CONFLICT, "conflict", "Conflict").detail(detail))
}

/// How the double behaves.
pub async fn behaviour(State(app): State<App>) -> Json<Behaviour> {
    Json(app.desk.now())
}

/// Changes all of it: what is not said is normal.
pub async fn behave(State(app): State<App>, Json(behaviour): Json<Behaviour>) -> Result<Json<Behaviour>, No> {
    app.desk.change(&app.db, behaviour).await?;
    Ok(Json(behaviour))
}

/// Expires a session now, as time would.
pub async fn lapse(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>, No> {
    let mut work = app.work(Origin::Time).await?;
    let session = store::sessions::find(&mut work.tx, &id).await?;
    let session = session.ok_or_else(|| Problem::not_found("There is no such session."))?;
    if !session.is_open() {
        return Err(conflict("The session is not open."));
    }
    let session = sweep::lapse(&mut work, session).await?;
    app.tell(work).await?;
    Ok(Json(session.shown()))
}

/// Every `POST` of the API so far.
pub async fn requests(State(app): State<App>) -> Result<Json<Vec<Value>>, No> {
    Ok(Json(store::calls::recorded(&app.db).await?))
}

/// Every intent.
pub async fn charges(State(app): State<App>) -> Result<Json<Vec<Value>>, No> {
    let intents = store::intents::list(&app.db).await?;
    let shown = intents.into_iter().map(|intent| {
        json!({
            "id": intent.id, "status": intent.status, "amount": intent.amount, "currency": intent.currency,
            "amount_received": intent.amount_received, "amount_refunded": intent.amount_refunded,
            "metadata": intent.metadata,
        })
    });
    Ok(Json(shown.collect()))
}

/// Every session.
pub async fn sessions(State(app): State<App>) -> Result<Json<Vec<Value>>, No> {
    let sessions = store::sessions::list(&app.db).await?;
    let shown = sessions.into_iter().map(|session| {
        json!({
            "id": session.id, "status": session.status, "payment_intent": session.intent,
            "metadata": session.wish.metadata,
        })
    });
    Ok(Json(shown.collect()))
}

/// How a refund ends.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    status: Ending,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ending {
    Succeeded,
    Failed,
}

/// Settles a refund that is pending, or takes one back that had succeeded.
pub async fn settle(
    State(app): State<App>,
    Path(id): Path<String>,
    Json(Settlement { status }): Json<Settlement>,
) -> Result<Json<Value>, No> {
    let mut work = app.work(Origin::Time).await?;
    let refund = store::refunds::find(&mut work.tx, &id).await?;
    let refund = refund.ok_or_else(|| Problem::not_found("There is no such refund."))?;
    let refund = refunds::settle(&mut work, refund, matches!(status, Ending::Succeeded)).await?;
    let refund = refund.ok_or_else(|| conflict("The refund has ended already."))?;
    app.tell(work).await?;
    Ok(Json(refund.shown()))
}
