//! `/variants`: variants by SKU, for services that know only SKUs.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Query, Repeated};
use utoipa::{IntoParams, ToSchema};

use super::deleted;
use crate::App;
use crate::domain::{Sku, VariantWithProduct};
use crate::error::Error;
use crate::store;

/// Query parameters of `listVariants`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListVariantsQuery {
    /// The SKUs, 1 to 100. Repeat the parameter for several: `sku=a&sku=b`.
    #[param(value_type = Vec<String>, min_items = 1, max_items = 100)]
    sku: Repeated<Sku>,
}

/// A list of variants.
#[derive(Debug, Serialize, ToSchema)]
pub struct VariantList {
    /// The variants that exist, in no particular order.
    items: Vec<VariantWithProduct>,
}

/// Lists variants by SKU, whatever the status of their product. Unknown SKUs are omitted.
#[utoipa::path(
    get,
    path = "/variants",
    operation_id = "listVariants",
    params(ListVariantsQuery),
    responses(
        (status = 200, description = "The variants that exist", body = VariantList, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>, Query(query): Query<ListVariantsQuery>) -> Result<Json<VariantList>, Error> {
    let items = store::variants::list(&app.db, &query.sku.0).await?;
    Ok(Json(VariantList { items }))
}

/// Deletes a variant. It must not be the only variant of its product.
#[utoipa::path(
    delete,
    path = "/variants/{sku}",
    operation_id = "deleteVariant",
    params(("sku" = String, Path, description = "The variant's SKU.")),
    responses(
        (status = 204, description = "The variant was deleted"),
    ),
    extensions(("x-problems" = json!(["last-variant"]))),
)]
pub async fn remove(State(app): State<App>, Path(sku): Path<Sku>) -> Result<StatusCode, Error> {
    deleted(store::variants::delete(&app.db, &sku).await?, "variant")
}

fn example() -> Value {
    json!({
        "sku": "onda-vase-sand",
        "label": "Sand",
        "picture": "onda-vase-sand",
        "product": { "slug": "onda-vase", "name": "Onda vase", "status": "active" },
    })
}
