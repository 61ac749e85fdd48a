//! `/movements`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Limit, Query};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::App;
use crate::domain::{Movement, Sku};
use crate::error::Error;
use crate::store;

/// The movements to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListMovementsQuery {
    /// Only movements of this SKU.
    sku: Option<Sku>,
    /// Only movements that this order caused.
    order: Option<Uuid>,
    /// Movements after this one: the `next` of the previous page.
    after: Option<Uuid>,
    /// The maximum number of movements to return.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit<100, 1000>,
}

/// One page of movements.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementPage {
    /// The movements, oldest first.
    items: Vec<Movement>,
    /// Send it as `after` to get the next page. Null on the last page.
    next: Option<Uuid>,
}

/// Lists the changes of stock, oldest first.
#[utoipa::path(
    get,
    path = "/movements",
    operation_id = "listMovements",
    params(ListMovementsQuery),
    responses(
        (status = 200, description = "One page of movements", body = MovementPage, example = json!({ "items": [example()], "next": null })),
    ),
)]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<ListMovementsQuery>,
) -> Result<Json<MovementPage>, Error> {
    let ListMovementsQuery {
        sku,
        order,
        after,
        limit,
    } = query;
    let rows = store::ledger::list(&app.db, sku.as_ref(), order, after, limit.rows_and_one()).await?;
    let (items, next) = limit.page(rows, |movement| movement.id);
    Ok(Json(MovementPage { items, next }))
}

fn example() -> Value {
    json!({
        "id": "01890a5d-b0f3-7d21-9c05-2e8a7b46d1f0",
        "sku": "onda-vase-sand",
        "location": "main",
        "kind": "shipped",
        "quantity": 2,
        "on_hand": -2,
        "reserved": -2,
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "reservation": "01890a5d-b0f2-7c3e-9a41-5d7c1e0f6a2b",
        "at": "2030-06-01T10:00:04Z",
    })
}
