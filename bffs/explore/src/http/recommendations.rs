//! `/recommendations`: products that are related to others.

use axum::extract::State;
use serde::Deserialize;
use service::{CallError, Json, Query};
use utoipa::IntoParams;
use values::Slug;

use super::{example, with_prices};
use crate::App;
use crate::error::Error;
use crate::upstream::{Product, ProductQuery};
use crate::view::Recommendations;
use crate::view::recommendations::{MAX_RECOMMENDATIONS, rank_related, select};

/// The number of given products that are considered.
const MAX_SLUGS: usize = 20;

/// Query parameters of `getRecommendations`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GetRecommendationsQuery {
    /// Slugs of products, separated by commas. Only the first 20 are used; unknown slugs are ignored. May be empty.
    #[serde(default, rename = "for")]
    #[param(required = false)]
    slugs: String,
}

impl GetRecommendationsQuery {
    /// The valid slugs without duplicates.
    fn slugs(self) -> Vec<String> {
        let mut slugs = Vec::new();
        for text in self.slugs.split(',').take(MAX_SLUGS) {
            let text = text.to_owned();
            if Slug::try_from(text.clone()).is_ok() && !slugs.contains(&text) {
                slugs.push(text);
            }
        }
        slugs
    }
}

/// Gets up to four products to recommend together with the given ones: first their related products, then the newest.
#[utoipa::path(
    get,
    path = "/recommendations",
    operation_id = "getRecommendations",
    params(GetRecommendationsQuery),
    responses(
        (status = 200, description = "The recommended products", body = Recommendations, example = json!({ "products": [example()] })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(
    State(app): State<App>,
    Query(query): Query<GetRecommendationsQuery>,
) -> Result<Json<Recommendations>, Error> {
    let slugs = query.slugs();
    let newest = ProductQuery {
        sort: Some("newest"),
        // Enough even if all the given products are among the newest.
        limit: Some(slugs.len() + 2 * MAX_RECOMMENDATIONS),
        ..ProductQuery::default()
    };
    let given = products_by_slug(&app, &slugs, MAX_SLUGS);
    let (given, newest) = tokio::try_join!(given, app.catalog.fragment_products(&newest))?;
    let related = rank_related(&given, &slugs);
    // More than are shown, since some may not exist.
    let found = products_by_slug(&app, &related[..related.len().min(MAX_SLUGS)], MAX_SLUGS).await?;
    let selected = select(&related, found, newest.items, &slugs);
    Ok(Json(Recommendations {
        products: with_prices(&app, selected).await,
    }))
}

async fn products_by_slug(app: &App, slugs: &[String], limit: usize) -> Result<Vec<Product>, CallError> {
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let slugs = slugs.join(",");
    let query = ProductQuery {
        slug: Some(&slugs),
        limit: Some(limit),
        ..ProductQuery::default()
    };
    Ok(app.catalog.fragment_products(&query).await?.items)
}
