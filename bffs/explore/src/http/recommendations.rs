//! `/recommendations`

use axum::extract::State;
use serde::Deserialize;
use service::{CallError, Json, Query};
use utoipa::IntoParams;

use super::{Slug, example, priced};
use crate::App;
use crate::error::Error;
use crate::upstream::{Product, Wanted};
use crate::view::Recommendations;
use crate::view::recommendations::{SHOWN, choose, ranked};

/// Products that count, at most.
const COUNTED: usize = 20;

/// Beside which products.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Beside {
    /// Slugs joined by commas, of which the first 20 count; none is fine, unknown ones are ignored
    #[serde(default, rename = "for")]
    #[param(required = false)]
    named: String,
}

impl Beside {
    fn slugs(self) -> Vec<String> {
        let mut slugs = Vec::new();
        for text in self.named.split(',').take(COUNTED) {
            if let Ok(Slug(slug)) = Slug::try_from(text.to_owned())
                && !slugs.contains(&slug)
            {
                slugs.push(slug);
            }
        }
        slugs
    }
}

/// Gets up to four products that stand well beside others: those they name, then the newest.
#[utoipa::path(
    get,
    path = "/recommendations",
    operation_id = "getRecommendations",
    params(Beside),
    responses(
        (status = 200, description = "The products", body = Recommendations, example = json!({ "products": [example()] })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>, Query(beside): Query<Beside>) -> Result<Json<Recommendations>, Error> {
    let named = beside.slugs();
    let newest = Wanted {
        sort: Some("newest"),
        // As many as may be left out, and enough to be shown.
        limit: Some(named.len() + 2 * SHOWN),
        ..Wanted::default()
    };
    let named_ones = find(&app, &named, COUNTED);
    let (named_ones, newest) = tokio::try_join!(named_ones, app.catalog.products_soon(&newest))?;
    let ranked = ranked(&named_ones, &named);
    // Some of those named may not exist: a few more than are shown.
    let found = find(&app, &ranked[..ranked.len().min(COUNTED)], COUNTED).await?;
    let chosen = choose(&ranked, found, newest.items, &named);
    Ok(Json(Recommendations {
        products: priced(&app, chosen).await,
    }))
}

async fn find(app: &App, slugs: &[String], limit: usize) -> Result<Vec<Product>, CallError> {
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let slugs = slugs.join(",");
    let wanted = Wanted {
        slug: Some(&slugs),
        limit: Some(limit),
        ..Wanted::default()
    };
    Ok(app.catalog.products_soon(&wanted).await?.items)
}
