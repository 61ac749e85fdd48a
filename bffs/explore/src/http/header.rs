//! `/header`

use axum::extract::State;
use service::{Json, Problem};

use crate::App;
use crate::error::Error;
use crate::view::{Header, Link};

/// Gets what the header links to.
#[utoipa::path(
    get,
    path = "/header",
    operation_id = "getHeader",
    responses(
        (status = 200, description = "The links", body = Header, example = json!({
            "categories": [{ "slug": "vases", "name": "Vases" }],
        })),
        (status = 503, description = "Catalog does not answer", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(State(app): State<App>) -> Result<Json<Header>, Error> {
    let categories = app.catalog.categories().await?;
    Ok(Json(Header {
        categories: categories.into_iter().map(Link::from).collect(),
    }))
}
