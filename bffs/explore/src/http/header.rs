//! `/header`: the header of every page.

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use service::Json;

use crate::App;
use crate::error::Error;
use crate::view::{CategoryLink, Header};

/// Every page contains the header, and categories rarely change.
const HEADER_CACHE_CONTROL: &str = "public, max-age=1, stale-if-error=300";

/// Gets the links of the page header.
#[utoipa::path(
    get,
    path = "/header",
    operation_id = "getHeader",
    responses(
        (status = 200, description = "The links of the header", body = Header, example = json!({
            "categories": [{ "slug": "vases", "name": "Vases" }],
        })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>) -> Result<impl IntoResponse, Error> {
    let categories = app.catalog.fragment_categories().await?;
    let header = Header {
        categories: categories.into_iter().map(CategoryLink::from).collect(),
    };
    Ok(([(CACHE_CONTROL, HEADER_CACHE_CONTROL)], Json(header)))
}
