//! `/payments/{id}/movements`

use axum::extract::State;
use serde::Serialize;
use service::{Json, Path};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;
use crate::domain::MovementView;
use crate::error::Error;
use crate::store::payments as store;

/// The movements of a payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementList {
    /// All movements, by number.
    items: Vec<MovementView>,
}

/// Lists the movements of a payment.
///
/// They are everything that was requested from the payment's provider or reported by it. The payment's totals are the sums of
/// the movements that are done.
#[utoipa::path(
    get,
    path = "/payments/{id}/movements",
    operation_id = "listMovements",
    params(("id" = Uuid, Path, description = "The payment's id")),
    responses(
        (status = 200, description = "All movements of the payment", body = MovementList, example = json!({ "items": [{
            "number": 1,
            "kind": "authorise",
            "amount": { "minor": 10_190, "currency": "EUR" },
            "progress": "done",
            "created_at": "2026-03-02T09:30:00Z",
            "settled_at": "2026-03-02T09:30:01Z",
        }] })),
    ),
)]
pub async fn list(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<MovementList>, Error> {
    let payment = store::find(&app.service.db, id).await?;
    let payment = payment.ok_or(Error::NotFound("payment"))?;
    let currency = payment.charge.amount.currency();
    let items = payment
        .movements
        .into_iter()
        .map(|movement| MovementView::of(movement, currency));
    Ok(Json(MovementList { items: items.collect() }))
}
