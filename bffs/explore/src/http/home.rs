//! `/home`: the home page.

use axum::extract::State;
use service::Json;

use super::{example, with_prices};
use crate::App;
use crate::error::Error;
use crate::upstream::ProductQuery;
use crate::view::{Category, HomePage, Story};

const NEW_PRODUCTS: usize = 8;

/// Gets the home page.
#[utoipa::path(
    get,
    path = "/home",
    operation_id = "getHome",
    responses(
        (status = 200, description = "Categories, stories and new products", body = HomePage, example = json!({
            "categories": [{
                "slug": "vases",
                "name": "Vases",
                "summary": "For one branch, or for an armful.",
                "picture": "category-vases",
            }],
            "stories": [{
                "slug": "studio-onda",
                "title": "A morning at Studio Onda",
                "text": "The clay is still soft when the wave is pressed into its shoulder. There is one minute to do it.",
                "picture": "story-onda",
                "alt": "Vases on a window sill in low morning light.",
                "link": { "label": "See the vases", "href": "/category/vases" },
            }],
            "products": [example()],
        })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>) -> Result<Json<HomePage>, Error> {
    let newest = ProductQuery {
        sort: Some("newest"),
        limit: Some(NEW_PRODUCTS),
        ..ProductQuery::default()
    };
    let (categories, stories, products) = tokio::join!(app.catalog.categories(), app.catalog.stories(), async {
        Ok::<_, Error>(with_prices(&app, app.catalog.products(&newest).await?.items).await)
    },);
    Ok(Json(HomePage {
        categories: categories?.into_iter().map(Category::from).collect(),
        stories: stories.into_iter().map(Story::from).collect(),
        products: products?,
    }))
}
