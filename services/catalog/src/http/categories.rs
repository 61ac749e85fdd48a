//! `/categories`: the categories of products.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use service::{Json, Path};
use utoipa::ToSchema;
use values::{Slug, Violation};

use super::deleted;
use crate::App;
use crate::domain::Category;
use crate::error::Error;
use crate::store;

/// A list of categories.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryList {
    /// All categories, ordered by position.
    items: Vec<Category>,
}

/// Lists all categories, ordered by position.
#[utoipa::path(
    get,
    path = "/categories",
    operation_id = "listCategories",
    responses(
        (status = 200, description = "The categories", body = CategoryList, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>) -> Result<Json<CategoryList>, Error> {
    let items = store::categories::list(&app.db).await?;
    Ok(Json(CategoryList { items }))
}

/// Gets a category.
#[utoipa::path(
    get,
    path = "/categories/{slug}",
    operation_id = "getCategory",
    params(("slug" = String, Path, description = "The category's slug.")),
    responses(
        (status = 200, description = "The category", body = Category, example = json!(example())),
    ),
)]
pub async fn get(State(app): State<App>, Path(slug): Path<Slug>) -> Result<Json<Category>, Error> {
    let category = store::categories::find(&app.db, &slug).await?;
    category.map(Json).ok_or(Error::NotFound("category"))
}

/// Creates a category or replaces it.
#[utoipa::path(
    put,
    path = "/categories/{slug}",
    operation_id = "updateCategory",
    params(("slug" = String, Path, description = "The category's slug.")),
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
        return Err(Violation::new("/slug", "This must be the slug in the path.").into());
    }
    store::categories::update(&app.db, &category).await?;
    Ok(Json(category))
}

/// Deletes a category. It must not contain products.
#[utoipa::path(
    delete,
    path = "/categories/{slug}",
    operation_id = "deleteCategory",
    params(("slug" = String, Path, description = "The category's slug.")),
    responses(
        (status = 204, description = "The category was deleted"),
    ),
    extensions(("x-problems" = json!(["category-in-use"]))),
)]
pub async fn remove(State(app): State<App>, Path(slug): Path<Slug>) -> Result<StatusCode, Error> {
    deleted(store::categories::delete(&app.db, &slug).await?, "category")
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
