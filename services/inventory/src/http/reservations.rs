//! `/reservations`

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use service::{IdempotencyKey, Json, Path};
use uuid::Uuid;

use crate::App;
use crate::domain::{Request, Reservation, Wait};
use crate::error::Error;
use crate::store;

/// Holds units for an order: all lines, or none. They come from one location if any has them all, else from few.
#[utoipa::path(
    post,
    path = "/reservations",
    operation_id = "createReservation",
    params(IdempotencyKey),
    request_body(content = Request, example = json!({
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "lines": [{ "sku": "onda-vase-sand", "quantity": 2 }],
        "expires_in_seconds": 900,
    })),
    responses(
        (status = 201, body = Reservation, example = json!(example("held"))),
    ),
    extensions(("x-problems" = json!(["out-of-stock"]))),
)]
pub async fn create(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(request): Json<Request>,
) -> Result<(StatusCode, Json<Reservation>), Error> {
    let violations = request.violations();
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let reservation = store::reservations::insert(&app.batch, &key, &request, Uuid::now_v7(), app.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(reservation)))
}

/// Gets a reservation.
#[utoipa::path(
    get,
    path = "/reservations/{id}",
    operation_id = "getReservation",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Reservation, example = json!(example("held"))),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Reservation>, Error> {
    let reservation = store::reservations::find(&app.db, id, app.clock.now()).await?;
    reservation.map(Json).ok_or(Error::NotFound("reservation"))
}

/// Holds the units of an order that waits for its shopper's bank: not longer than said, and of each SKU no more than a
/// share for all such orders of one client. Where it is more, the reservation expires at once: its units are for everybody,
/// and a commit takes as many again if they are still free.
#[utoipa::path(
    post,
    path = "/reservations/{id}/wait",
    operation_id = "waitReservation",
    params(("id" = Uuid, Path)),
    request_body(content = Wait, example = json!({ "client": "203.0.113.7", "expires_in_seconds": 180 })),
    responses(
        (status = 200, description = "`held` until then, or not held: `expired`", body = Reservation, example = json!(example("held"))),
    ),
)]
pub async fn wait(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(wait): Json<Wait>,
) -> Result<Json<Reservation>, Error> {
    store::reservations::wait(&app.batch, id, &wait, app.unpaid_share_percent, app.clock.now())
        .await
        .map(Json)
}

/// Takes the units from the shelf. Doing it again changes nothing. Where the reservation has expired, it takes as many
/// again if they are still free, all of them or none.
#[utoipa::path(
    post,
    path = "/reservations/{id}/commit",
    operation_id = "commitReservation",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Reservation, example = json!(example("committed"))),
    ),
    extensions(("x-problems" = json!(["expired"]))),
)]
pub async fn commit(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Reservation>, Error> {
    store::reservations::commit(&app.batch, id, app.clock.now())
        .await
        .map(Json)
}

/// Releases the units: they are for everybody again. Doing it again changes nothing.
#[utoipa::path(
    delete,
    path = "/reservations/{id}",
    operation_id = "removeReservation",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Reservation, example = json!(example("released"))),
    ),
    extensions(("x-problems" = json!(["committed"]))),
)]
pub async fn remove(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Reservation>, Error> {
    store::reservations::release(&app.batch, id, app.clock.now())
        .await
        .map(Json)
}

fn example(status: &str) -> Value {
    json!({
        "id": "01890a5d-b0f2-7c3e-9a41-5d7c1e0f6a2b",
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "status": status,
        "lines": [{ "sku": "onda-vase-sand", "quantity": 2 }],
        "location": null,
        "allocations": [{ "sku": "onda-vase-sand", "location": "main", "quantity": 2 }],
        "backordered": [],
        "expires_at": "2030-06-01T10:15:00Z",
    })
}
