//! `/search`: the search page.

use axum::extract::State;
use serde::Deserialize;
use service::{Json, Query};
use utoipa::IntoParams;

use super::{PageCursor, example, with_prices};
use crate::App;
use crate::error::Error;
use crate::upstream::ProductQuery;
use crate::view::terms::search_terms;
use crate::view::{CategoryLink, SearchPage};

/// Query parameters of `search`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// The search terms. Only the first 8 words and 100 characters are used. Without any, no products are found.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// A cursor: the `next` of the previous page.
    #[param(value_type = Option<String>, max_length = 1000)]
    after: Option<PageCursor>,
}

/// Searches for products. If none is found, the page suggests categories.
#[utoipa::path(
    get,
    path = "/search",
    operation_id = "search",
    params(SearchQuery),
    responses(
        (status = 200, description = "The search results", body = SearchPage, example = json!({
            "q": "onda", "total": 1, "products": [example()], "next": null, "categories": [],
        })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(
    State(app): State<App>,
    Query(SearchQuery { q, after }): Query<SearchQuery>,
) -> Result<Json<SearchPage>, Error> {
    let q = search_terms(&q);
    let mut results = SearchPage {
        q: q.clone(),
        total: 0,
        products: Vec::new(),
        next: None,
        categories: Vec::new(),
    };
    if !q.is_empty() {
        let query = ProductQuery {
            q: Some(&q),
            after: after.as_ref().map(PageCursor::as_str),
            ..ProductQuery::default()
        };
        let page = app.catalog.products(&query).await?;
        results.total = page.total;
        results.products = with_prices(&app, page.items).await;
        results.next = page.next;
    }
    if results.total == 0 {
        let categories = app.catalog.categories().await?;
        results.categories = categories.into_iter().map(CategoryLink::from).collect();
    }
    Ok(Json(results))
}
