//! `/ledger/differences`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use service::{Json, Limit, Query};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::domain::{LedgerDifference, Sku};
use crate::error::Error;
use crate::store;

/// The SKUs to check.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListDifferencesQuery {
    /// Checks the SKUs after this one: the `next` of the previous page.
    after: Option<Sku>,
    /// The maximum number of SKUs to check.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit<100, 1000>,
}

/// One page of the ledger check.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerDifferencePage {
    /// The differences that were found. Empty if stock, ledger and reservations agree.
    items: Vec<LedgerDifference>,
    /// The number of SKUs that were checked.
    checked: usize,
    /// Send it as `after` to get the next page. Null on the last page.
    next: Option<Sku>,
}

/// Lists differences between stock and the ledger.
///
/// Checks that the movements in the ledger add up to the recorded stock, and that the reserved units are those of open
/// reservations.
#[utoipa::path(
    get,
    path = "/ledger/differences",
    operation_id = "listLedgerDifferences",
    params(ListDifferencesQuery),
    responses(
        (status = 200, description = "One page of the check", body = LedgerDifferencePage, example = json!({ "items": [], "checked": 1, "next": null })),
    ),
)]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<ListDifferencesQuery>,
) -> Result<Json<LedgerDifferencePage>, Error> {
    let check = store::ledger::check(&app.db, query.after.as_ref(), query.limit).await?;
    Ok(Json(LedgerDifferencePage {
        items: check.differences,
        checked: check.skus,
        next: check.next,
    }))
}
