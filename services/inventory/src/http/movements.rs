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

/// Which movements.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those of this SKU
    sku: Option<Sku>,
    /// Those for this order
    order: Option<Uuid>,
    /// Those after this one: the `next` of the page before
    after: Option<Uuid>,
    /// How many at most
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit<100, 1000>,
}

/// A page of movements.
#[derive(Debug, Serialize, ToSchema)]
pub struct Movements {
    items: Vec<Movement>,
    /// Where the next page begins; null on the last
    next: Option<Uuid>,
}

/// Lists what happened to the stock, the oldest first.
#[utoipa::path(
    get,
    path = "/movements",
    operation_id = "listMovements",
    params(Filter),
    responses(
        (status = 200, body = Movements, example = json!({ "items": [example()], "next": null })),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<Movements>, Error> {
    let Filter {
        sku,
        order,
        after,
        limit,
    } = filter;
    // One more than asked for tells whether there is a next page.
    let mut items = store::ledger::list(&app.db, sku.as_ref(), order, after, limit.rows() + 1).await?;
    let is_last = limit.cut(&mut items);
    let next = items.last().filter(|_| !is_last).map(|movement| movement.id);
    Ok(Json(Movements { items, next }))
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
