//! `/home`

use axum::extract::State;
use service::{Json, Problem};

use super::{example, priced};
use crate::App;
use crate::error::Error;
use crate::view::{Category, Home};

/// Gets all that the home page shows.
#[utoipa::path(
    get,
    path = "/home",
    operation_id = "getHome",
    responses(
        (status = 200, description = "The page", body = Home, example = json!({
            "categories": [{ "slug": "vases", "name": "Vases", "summary": "For one branch, or for an armful." }],
            "products": [example()],
        })),
        (status = 503, description = "Catalog does not answer", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(State(app): State<App>) -> Result<Json<Home>, Error> {
    let (categories, page) = tokio::try_join!(app.catalog.categories(), app.catalog.products(None, None))?;
    Ok(Json(Home {
        categories: categories.into_iter().map(Category::from).collect(),
        products: priced(&app, page.items).await,
    }))
}
