//! `/restocks`

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use service::{IdempotencyKey, Json};
use uuid::Uuid;

use crate::App;
use crate::domain::{CreateRestock, Restock};
use crate::error::Error;
use crate::store;

/// Returns units of an order to stock: all lines or none.
#[utoipa::path(
    post,
    path = "/restocks",
    operation_id = "createRestock",
    params(IdempotencyKey),
    request_body(content = CreateRestock, example = json!({
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "lines": [{ "sku": "onda-vase-sand", "quantity": 1 }],
        "location": "main",
        "reason": "Too small for the shelf",
    })),
    responses(
        (status = 201, description = "The units were returned", body = Restock, example = json!(example())),
    ),
    extensions(("x-problems" = json!(["not-taken"]))),
)]
pub async fn create(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(request): Json<CreateRestock>,
) -> Result<(StatusCode, Json<Restock>), Error> {
    let violations = request.violations();
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let restock = store::restocks::insert(&app.batch, &key, &request, Uuid::now_v7(), app.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(restock)))
}

fn example() -> Value {
    json!({
        "id": "01890a5d-c1d4-7a52-8e0f-64b1f9a2c3d7",
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "lines": [{ "sku": "onda-vase-sand", "quantity": 1 }],
        "location": "main",
        "reason": "Too small for the shelf",
        "restocked_at": "2030-06-03T16:40:00Z",
    })
}
