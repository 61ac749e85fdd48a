//! `/variants`: what a SKU is, for those who hold only SKUs.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Problem, Query};
use utoipa::{IntoParams, ToSchema};

use super::List;
use crate::App;
use crate::domain::{Article, Sku};
use crate::error::Error;
use crate::store;

/// Which variants.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those with these SKUs, 1 to 100 joined by commas
    #[param(value_type = String)]
    sku: List<Sku>,
}

/// The variants that were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Variants {
    items: Vec<Article>,
}

/// Finds variants by SKU; unknown ones are absent.
#[utoipa::path(
    get,
    path = "/variants",
    operation_id = "listVariants",
    params(Filter),
    responses(
        (status = 200, description = "Those that exist", body = Variants, example = json!({ "items": [example()] })),
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<Variants>, Error> {
    let items = store::variants::list(&app.db, &filter.sku.0).await?;
    Ok(Json(Variants { items }))
}

fn example() -> Value {
    json!({
        "sku": "onda-vase-sand",
        "label": "Sand",
        "picture": "onda-vase-sand",
        "product": { "slug": "onda-vase", "name": "Onda vase" },
    })
}
