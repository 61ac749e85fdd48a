//! Handlers: ask the BFF, draw.

use axum::extract::State;
use axum::http::StatusCode;
use page::{Cache, Html};
use serde::Deserialize;
use service::{Path, Problem, Query};

use crate::{App, pages};

/// Seconds that a page is fresh.
const FRESH: u32 = 60;

/// Which variant.
#[derive(Debug, Default, Deserialize)]
pub struct Choice {
    sku: Option<String>,
}

/// `/product/{slug}`
pub async fn get(
    State(app): State<App>,
    slug: Result<Path<String>, Problem>,
    choice: Result<Query<Choice>, Problem>,
) -> Html {
    let Ok(Path(slug)) = slug else {
        return missing(State(app)).await;
    };
    // A query that makes no sense chooses nothing.
    let Query(choice) = choice.unwrap_or(Query(Choice::default()));
    match app.bff.product(&slug, choice.sku.as_deref()).await {
        Ok(Some(product)) => {
            let cache = match product.is_complete() {
                true => Cache::Public {
                    fresh: FRESH,
                    keys: vec![format!("product/{}", product.slug)],
                },
                false => Cache::Private,
            };
            Html::new(pages::product::draw(product, &app.assets)).cache(cache)
        }
        Ok(None) => missing(State(app)).await,
        Err(error) if error.refusal().is_some() => missing(State(app)).await,
        Err(error) => {
            tracing::warn!(%error, "no product page");
            Html::new(pages::error::unavailable(&app.assets)).status(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// Any other address.
pub async fn missing(State(app): State<App>) -> Html {
    Html::new(pages::error::missing(&app.assets)).status(StatusCode::NOT_FOUND)
}
