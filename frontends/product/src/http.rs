//! Handlers: ask the BFF, draw.

use axum::extract::State;
use axum::http::StatusCode;
use page::{Cache, Html};
use serde::Deserialize;
use service::{Path, Problem, Query, causes};

use crate::{App, pages};

/// Seconds that a page is fresh.
const FRESH: u32 = 60;

/// Which variant.
#[derive(Debug, Default, Deserialize)]
pub struct Choice {
    sku: Option<Sku>,
}

/// A stock keeping unit.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Sku(String);

impl TryFrom<String> for Sku {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::code(&text, 64).map(Self)
    }
}

/// A product's name in addresses: groups of small letters and digits with hyphens between them.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Slug(String);

impl TryFrom<String> for Slug {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::slug(&text, 64).map(Self)
    }
}

/// `/product/{slug}`
pub async fn get(
    State(app): State<App>,
    slug: Result<Path<Slug>, Problem>,
    choice: Result<Query<Choice>, Problem>,
) -> Html {
    let Ok(Path(Slug(slug))) = slug else {
        return missing(State(app)).await;
    };
    // A query that makes no sense chooses nothing.
    let Query(choice) = choice.unwrap_or(Query(Choice::default()));
    let sku = choice.sku.as_ref().map(|Sku(sku)| &**sku);
    match app.bff.product(&slug, sku).await {
        Ok(Some(product)) => {
            let cache = if product.is_complete() {
                Cache::Public {
                    fresh: FRESH,
                    keys: vec![format!("product/{}", product.slug)],
                }
            } else {
                Cache::Private
            };
            Html::new(pages::product::draw(product, &app.assets)).cache(cache)
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

/// Any other address.
pub async fn missing(State(app): State<App>) -> Html {
    Html::new(pages::error::missing(&app.assets)).status(StatusCode::NOT_FOUND)
}
