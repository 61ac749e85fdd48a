//! Handlers: call the BFF and render the page.

use axum::extract::State;
use axum::http::StatusCode;
use page::{Cache, Html};
use serde::Deserialize;
use service::{Path, Problem, Query, causes};
use values::{Code, Slug};

use crate::{App, pages};

/// How long a page may be cached, in seconds.
const MAX_AGE: u32 = 60;

/// Which variant is selected.
#[derive(Debug, Default, Deserialize)]
pub struct ProductQuery {
    sku: Option<Code>,
}

/// `/product/{slug}`
pub async fn get(
    State(app): State<App>,
    slug: Result<Path<Slug>, Problem>,
    query: Result<Query<ProductQuery>, Problem>,
) -> Html {
    let Ok(Path(slug)) = slug else {
        return missing(State(app)).await;
    };
    // A malformed query selects no variant.
    let Query(query) = query.unwrap_or(Query(ProductQuery::default()));
    let sku = query.sku.as_ref().map(Code::as_str);
    match app.bff.product(slug.as_str(), sku).await {
        Ok(Some(product)) => {
            let cache = if product.is_complete() {
                Cache::Public {
                    fresh: MAX_AGE,
                    keys: vec![format!("product/{}", product.slug)],
                }
            } else {
                Cache::Private
            };
            Html::new(pages::product::render(product, &app.assets)).cache(cache)
        }
        Ok(None) => missing(State(app)).await,
        Err(error) if error.refusal().is_some() => missing(State(app)).await,
        Err(error) => {
            tracing::warn!(
                upstream = error.part(),
                error = causes(&error),
                "a page cannot be drawn"
            );
            Html::new(pages::error::unavailable(&app.assets)).status(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// Any other path.
pub async fn missing(State(app): State<App>) -> Html {
    Html::new(pages::error::missing(&app.assets)).status(StatusCode::NOT_FOUND)
}
