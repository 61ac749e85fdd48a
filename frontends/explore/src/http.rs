//! Handlers: ask the BFF, draw.

use axum::extract::State;
use axum::http::StatusCode;
use page::{Cache, Html};
use serde::Deserialize;
use service::{CallError, Path, Problem, Query};

use crate::bff::{Header, Product};
use crate::{App, fragments, pages};

/// Seconds that a page is fresh.
const FRESH: u32 = 60;
/// Seconds that what never changes between two versions is fresh.
const STATIC: u32 = 3600;

/// Which of a category's products.
#[derive(Debug, Default, Deserialize)]
pub struct Place {
    after: Option<String>,
}

/// `/`
pub async fn home(State(app): State<App>) -> Html {
    match app.bff.home().await {
        Ok(home) => {
            let keys = std::iter::once("home".to_owned()).chain(
                home.categories
                    .iter()
                    .map(|category| format!("category/{}", category.slug)),
            );
            let cache = cache(keys, &home.products);
            Html::new(pages::home::draw(home, &app.assets)).cache(cache)
        }
        Err(error) => unavailable(&app, &error),
    }
}

/// `/category/{slug}`
pub async fn category(
    State(app): State<App>,
    slug: Result<Path<String>, Problem>,
    place: Result<Query<Place>, Problem>,
) -> Html {
    let Ok(Path(slug)) = slug else {
        return missing(State(app)).await;
    };
    // A query that makes no sense is the beginning.
    let Query(Place { after }) = place.unwrap_or(Query(Place::default()));
    match app.bff.category(&slug, after.as_deref()).await {
        Ok(Some(category)) => {
            let cache = cache([format!("category/{}", category.slug)], &category.products);
            Html::new(pages::category::draw(category, after.is_some(), &app.assets)).cache(cache)
        }
        Ok(None) => missing(State(app)).await,
        Err(error) if error.refusal().is_some() => missing(State(app)).await,
        Err(error) => unavailable(&app, &error),
    }
}

/// `/explore/fragments/header`
pub async fn header(State(app): State<App>) -> Html {
    match app.bff.header().await {
        Ok(header) => {
            let keys = header
                .categories
                .iter()
                .map(|category| format!("category/{}", category.slug));
            let cache = public(FRESH, keys);
            Html::new(fragments::header::draw(header, &app.assets)).cache(cache)
        }
        Err(error) => {
            tracing::warn!(%error, "a header without categories");
            Html::new(fragments::header::draw(Header::default(), &app.assets))
        }
    }
}

/// `/explore/fragments/footer`
pub async fn footer(State(app): State<App>) -> Html {
    Html::new(fragments::footer::draw(&app.assets)).cache(public(STATIC, []))
}

/// Any other address.
pub async fn missing(State(app): State<App>) -> Html {
    Html::new(pages::error::missing(&app.assets)).status(StatusCode::NOT_FOUND)
}

fn unavailable(app: &App, error: &CallError) -> Html {
    tracing::warn!(%error, "no page");
    Html::new(pages::error::unavailable(&app.assets)).status(StatusCode::SERVICE_UNAVAILABLE)
}

/// Nobody keeps a page that lacks prices.
fn cache(keys: impl IntoIterator<Item = String>, products: &[Product]) -> Cache {
    match products.iter().all(|product| product.price.is_some()) {
        true => public(
            FRESH,
            keys.into_iter()
                .chain(products.iter().map(|product| format!("product/{}", product.slug))),
        ),
        false => Cache::Private,
    }
}

fn public(fresh: u32, keys: impl IntoIterator<Item = String>) -> Cache {
    Cache::Public {
        fresh,
        keys: keys.into_iter().collect(),
    }
}
