//! `/payments/{id}/movements`

use axum::extract::State;
use serde::Serialize;
use service::{Json, Path};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;
use crate::domain::Entry;
use crate::error::Error;
use crate::store::payments as store;

/// All movements of a payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Movements {
    /// The movements
    items: Vec<Entry>,
}

/// Lists the movements of a payment, in their order: what its totals are made of.
#[utoipa::path(
    get,
    path = "/payments/{id}/movements",
    operation_id = "listMovements",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "All of them", body = Movements, example = json!({ "items": [{
            "number": 1,
            "kind": "authorise",
            "amount": { "minor": 10_190, "currency": "EUR" },
            "progress": "done",
            "created_at": "2026-03-02T09:30:00Z",
            "settled_at": "2026-03-02T09:30:01Z",
        }] })),
    ),
)]
pub async fn list(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Movements>, Error> {
    let account = store::find(&app.desk.db, id).await?.ok_or(Error::NotFound("payment"))?;
    let currency = account.charge.amount.currency();
    let items = account
        .movements
        .into_iter()
        .map(|movement| Entry::of(movement, currency));
    Ok(Json(Movements { items: items.collect() }))
}
