//! `/variants`: what a SKU is, for those who hold only SKUs.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Query, Repeated};
use utoipa::{IntoParams, ToSchema};

use super::removed;
use crate::App;
use crate::domain::{Article, Sku};
use crate::error::Error;
use crate::store;

/// Which variants.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those with these SKUs, 1 to 100: `sku=a&sku=b`
    #[param(value_type = Vec<String>, min_items = 1, max_items = 100)]
    sku: Repeated<Sku>,
}

/// The variants that were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Variants {
    items: Vec<Article>,
}

/// Finds variants by SKU, those on sale and others; unknown ones are absent.
#[utoipa::path(
    get,
    path = "/variants",
    operation_id = "listVariants",
    params(Filter),
    responses(
        (status = 200, description = "Those that exist", body = Variants, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<Variants>, Error> {
    let items = store::variants::list(&app.db, &filter.sku.0).await?;
    Ok(Json(Variants { items }))
}

/// Takes a variant out of its product.
#[utoipa::path(
    delete,
    path = "/variants/{sku}",
    operation_id = "removeVariant",
    params(("sku" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
    ),
    extensions(("x-problems" = json!(["last-variant"]))),
)]
pub async fn remove(State(app): State<App>, Path(sku): Path<Sku>) -> Result<StatusCode, Error> {
    removed(store::variants::remove(&app.db, &sku).await?, "variant")
}

fn example() -> Value {
    json!({
        "sku": "onda-vase-sand",
        "label": "Sand",
        "picture": "onda-vase-sand",
        "product": { "slug": "onda-vase", "name": "Onda vase", "status": "active" },
    })
}
