//! `/header`

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use service::Json;

use crate::App;
use crate::error::Error;
use crate::view::{Header, Link};

/// Each page has it, and shelves seldom change.
const FOR_A_SECOND: &str = "public, max-age=1, stale-if-error=300";

/// Gets what the header links to.
#[utoipa::path(
    get,
    path = "/header",
    operation_id = "getHeader",
    responses(
        (status = 200, description = "The links", body = Header, example = json!({
            "categories": [{ "slug": "vases", "name": "Vases" }],
        })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>) -> Result<impl IntoResponse, Error> {
    let categories = app.catalog.categories_soon().await?;
    let header = Header {
        categories: categories.into_iter().map(Link::from).collect(),
    };
    Ok(([(CACHE_CONTROL, FOR_A_SECOND)], Json(header)))
}
