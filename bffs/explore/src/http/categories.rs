//! `/categories`

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{Json, Path, Problem, Query};
use utoipa::IntoParams;

use super::{example, priced};
use crate::App;
use crate::error::Error;
use crate::view::CategoryPage;

/// Which of its products.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Place {
    /// Those after this place: the `next` of the page before
    after: Option<String>,
}

/// A category's name in addresses, as far as this door must know: it makes no other path of ours.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Slug(String);

impl TryFrom<String> for Slug {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        match (1..=64).contains(&text.len()) && text.bytes().all(is_plain) {
            true => Ok(Self(text)),
            false => Err("not a name in addresses"),
        }
    }
}

/// Gets all that a category's page shows.
#[utoipa::path(
    get,
    path = "/categories/{slug}",
    operation_id = "getCategory",
    params(("slug" = String, Path), Place),
    responses(
        (status = 200, description = "The page", body = CategoryPage, example = json!(page_example())),
        (status = 400, description = "There is no such place", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such category", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Catalog does not answer", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(
    State(app): State<App>,
    Path(Slug(slug)): Path<Slug>,
    Query(place): Query<Place>,
) -> Result<Json<CategoryPage>, Error> {
    let (category, page) = tokio::join!(
        app.catalog.category(&slug),
        app.catalog.products(Some(&slug), place.after.as_deref()),
    );
    let category = category?.ok_or(Error::NotFound("category"))?;
    let page = page?;
    Ok(Json(CategoryPage {
        category: category.into(),
        products: priced(&app, page.items).await,
        next: page.next,
    }))
}

fn page_example() -> Value {
    json!({
        "slug": "vases",
        "name": "Vases",
        "summary": "For one branch, or for an armful.",
        "products": [example()],
        "next": null,
    })
}
