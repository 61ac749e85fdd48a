//! `/reservations`

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use service::{IdempotencyKey, Json, Path};
use uuid::Uuid;

use crate::App;
use crate::domain::{AwaitPayment, CreateReservation, Reservation};
use crate::error::Error;
use crate::store;

/// Holds units for an order: all lines or none.
///
/// The units come from one location if it has all of them, otherwise from few locations.
#[utoipa::path(
    post,
    path = "/reservations",
    operation_id = "createReservation",
    params(IdempotencyKey),
    request_body(content = CreateReservation, example = json!({
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "lines": [{ "sku": "onda-vase-sand", "quantity": 2 }],
        "expires_in_seconds": 900,
    })),
    responses(
        (status = 201, description = "The units are held", body = Reservation, example = json!(example("held"))),
    ),
    extensions(("x-problems" = json!(["out-of-stock"]))),
)]
pub async fn create(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(request): Json<CreateReservation>,
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
    params(("id" = Uuid, Path, description = "The reservation's id.")),
    responses(
        (status = 200, description = "The reservation", body = Reservation, example = json!(example("held"))),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Reservation>, Error> {
    let reservation = store::reservations::find(&app.db, id, app.clock.now()).await?;
    reservation.map(Json).ok_or(Error::NotFound("reservation"))
}

/// Shortens a reservation whose order awaits payment.
///
/// It expires after the given time at the latest. If the client's unpaid orders together hold more than their share of a
/// SKU, the reservation expires at once; a later commit succeeds if as many units are still available.
#[utoipa::path(
    post,
    path = "/reservations/{id}/wait",
    operation_id = "awaitPayment",
    params(("id" = Uuid, Path, description = "The reservation's id.")),
    request_body(content = AwaitPayment, example = json!({ "client": "203.0.113.7", "expires_in_seconds": 180 })),
    responses(
        (status = 200, description = "The reservation: `expired` if the share is used up, unchanged if it was no longer `held`", body = Reservation, example = json!(example("held"))),
    ),
)]
pub async fn await_payment(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(request): Json<AwaitPayment>,
) -> Result<Json<Reservation>, Error> {
    store::reservations::await_payment(&app.batch, id, &request, app.unpaid_share_percent, app.clock.now())
        .await
        .map(Json)
}

/// Commits a reservation: its units leave stock.
///
/// Committing it again changes nothing. An expired reservation is committed if all of its units, or as many others, are
/// still available.
#[utoipa::path(
    post,
    path = "/reservations/{id}/commit",
    operation_id = "commitReservation",
    params(("id" = Uuid, Path, description = "The reservation's id.")),
    responses(
        (status = 200, description = "The reservation is committed", body = Reservation, example = json!(example("committed"))),
    ),
    extensions(("x-problems" = json!(["expired"]))),
)]
pub async fn commit(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Reservation>, Error> {
    store::reservations::commit(&app.batch, id, app.clock.now())
        .await
        .map(Json)
}

/// Releases a reservation: its units are available again.
///
/// Releasing it again changes nothing.
#[utoipa::path(
    delete,
    path = "/reservations/{id}",
    operation_id = "deleteReservation",
    params(("id" = Uuid, Path, description = "The reservation's id.")),
    responses(
        (status = 200, description = "The reservation: `released`, or `expired` if it had expired before", body = Reservation, example = json!(example("released"))),
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
