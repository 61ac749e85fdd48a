//! `/payments`

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use service::{IdempotencyKey, Json, Path, Problem};
use storage::clock;
use uuid::Uuid;

use crate::App;
use crate::domain::{Change, Payment, Request};
use crate::error::Error;
use crate::store::payments::{self as store, Begun, Claim};

/// Authorises a payment: the bank holds the money back.
#[utoipa::path(
    post,
    path = "/payments",
    operation_id = "createPayment",
    params(("idempotency-key" = String, Header, description = "Same key and body, same answer")),
    request_body(content = Request, example = json!({
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "amount": { "minor": 10_190, "currency": "EUR" },
        "payment_method": "pm_3f2c8a6e5b1d4f7a9c0e2d4b6a8f1c3e",
    })),
    responses(
        (status = 201, body = Payment, example = json!(example("authorised", 0))),
        (status = 402, body = Problem, content_type = "application/problem+json", description = "`card-declined`"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`order-has-payment`"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json",
            description = "Outcome unknown: send the same request again"),
    ),
)]
pub async fn create(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(request): Json<Request>,
) -> Result<(StatusCode, Json<Payment>), Error> {
    let answer = match store::insert(&app.db, &key, &request, Uuid::now_v7(), clock::now()).await? {
        Begun::Answered(answer) => answer,
        Begun::Pending(charge) => {
            let verdict = app.provider.authorise(&charge).await?;
            store::answer(&app.db, charge.reference, &verdict).await?
        }
    };
    let payment = answer.map_err(Error::Declined)?;
    Ok((StatusCode::CREATED, Json(payment)))
}

/// Gets a payment.
#[utoipa::path(
    get,
    path = "/payments/{id}",
    operation_id = "getPayment",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Payment, example = json!(example("authorised", 0))),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Payment>, Error> {
    let payment = store::find(&app.db, id).await?;
    payment.map(Json).ok_or(Error::NotFound("payment"))
}

/// Takes the money. Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/payments/{id}/capture",
    operation_id = "capturePayment",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Payment, example = json!(example("captured", 10_190))),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`wrong-state`"),
        (status = 503, body = Problem, content_type = "application/problem+json",
            description = "Outcome unknown: send the same request again"),
    ),
)]
pub async fn capture(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Payment>, Error> {
    change(&app, id, Change::Capture).await
}

/// Lets the money go. Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/payments/{id}/void",
    operation_id = "voidPayment",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Payment, example = json!(example("voided", 0))),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`wrong-state`"),
        (status = 503, body = Problem, content_type = "application/problem+json",
            description = "Outcome unknown: send the same request again"),
    ),
)]
pub async fn void(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Payment>, Error> {
    change(&app, id, Change::Void).await
}

/// Claimed first, then asked for, then noted: of a capture and a void at once, one is refused before
/// the provider hears of it.
async fn change(app: &App, id: Uuid, change: Change) -> Result<Json<Payment>, Error> {
    let authorisation = match store::claim(&app.db, id, change).await? {
        Claim::Done(payment) => return Ok(Json(payment)),
        Claim::Open(authorisation) => authorisation,
    };
    match change {
        Change::Capture => app.provider.capture(&authorisation).await?,
        Change::Void => app.provider.void(&authorisation).await?,
    }
    store::finish(&app.db, id, change).await.map(Json)
}

fn example(status: &str, captured: i64) -> Value {
    json!({
        "id": "01890a5d-b4c1-7d2e-8f3a-6b9c0d1e2f3a",
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "amount": { "minor": 10_190, "currency": "EUR" },
        "status": status,
        "captured": { "minor": captured, "currency": "EUR" },
    })
}
