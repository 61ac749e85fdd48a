//! `/categories`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use service::{Json, Path};
use utoipa::ToSchema;

use super::removed;
use crate::App;
use crate::domain::{Category, Slug, Violation};
use crate::error::Error;
use crate::store;

/// All categories by position.
#[derive(Debug, Serialize, ToSchema)]
pub struct Categories {
    items: Vec<Category>,
}

/// Lists the categories in their order.
#[utoipa::path(
    get,
    path = "/categories",
    operation_id = "listCategories",
    responses(
        (status = 200, description = "All of them", body = Categories, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>) -> Result<Json<Categories>, Error> {
    let items = store::categories::list(&app.db).await?;
    Ok(Json(Categories { items }))
}

/// Gets a category.
#[utoipa::path(
    get,
    path = "/categories/{slug}",
    operation_id = "getCategory",
    params(("slug" = String, Path)),
    responses(
        (status = 200, description = "The category", body = Category, example = json!(example())),
    ),
)]
pub async fn get(State(app): State<App>, Path(slug): Path<Slug>) -> Result<Json<Category>, Error> {
    let category = store::categories::find(&app.db, &slug).await?;
    category.map(Json).ok_or(Error::NotFound("category"))
}

/// Creates or replaces a category.
#[utoipa::path(
    put,
    path = "/categories/{slug}",
    operation_id = "updateCategory",
    params(("slug" = String, Path)),
    request_body(content = Category, example = json!(example())),
    responses(
        (status = 200, description = "The category", body = Category, example = json!(example())),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path(slug): Path<Slug>,
    Json(category): Json<Category>,
) -> Result<Json<Category>, Error> {
    if category.slug != slug {
        return Err(Violation::new("/slug", "This must be the slug in the address.").into());
    }
    store::categories::update(&app.db, &category).await?;
    Ok(Json(category))
}

/// Takes a category away.
#[utoipa::path(
    delete,
    path = "/categories/{slug}",
    operation_id = "removeCategory",
    params(("slug" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
    ),
    extensions(("x-problems" = json!(["category-in-use"]))),
)]
pub async fn remove(State(app): State<App>, Path(slug): Path<Slug>) -> Result<StatusCode, Error> {
    removed(store::categories::remove(&app.db, &slug).await?, "category")
}

fn example() -> Value {
    json!({
        "slug": "vases",
        "name": "Vases",
        "summary": "For one branch, or for an armful.",
        "position": 1,
        "picture": "category-vases",
    })
}
