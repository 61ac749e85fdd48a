//! `/ledger/differences`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use service::{Json, Limit, Query};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::domain::{Difference, Sku};
use crate::error::Error;
use crate::store;

/// Which SKUs to look at.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those after this one: the `next` of the page before
    after: Option<Sku>,
    /// How many at most
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit<100, 1000>,
}

/// A page of the check.
#[derive(Debug, Serialize, ToSchema)]
pub struct Differences {
    /// What is wrong; empty is good
    items: Vec<Difference>,
    /// How many SKUs were looked at
    checked: usize,
    /// Where the next page begins; null on the last
    next: Option<Sku>,
}

/// Adds up the ledger of so many SKUs, and answers where stock or reservations say something else.
#[utoipa::path(
    get,
    path = "/ledger/differences",
    operation_id = "listDifferences",
    params(Filter),
    responses(
        (status = 200, body = Differences, example = json!({ "items": [], "checked": 1, "next": null })),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<Differences>, Error> {
    let checked = store::ledger::check(&app.db, filter.after.as_ref(), filter.limit).await?;
    Ok(Json(Differences {
        items: checked.differences,
        checked: checked.skus,
        next: checked.next,
    }))
}
