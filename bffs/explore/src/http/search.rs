//! `/search`

use axum::extract::State;
use serde::Deserialize;
use service::{Json, Query};
use utoipa::IntoParams;

use super::{After, example, priced};
use crate::App;
use crate::error::Error;
use crate::upstream::Wanted;
use crate::view::terms::terms;
use crate::view::{Link, Search};

/// What to look for, and which of what is found.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Question {
    /// Words; of too many the first are taken, and blank is nothing to look for
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// Those after this place: the `next` of the page before
    #[param(value_type = Option<String>, max_length = 1000)]
    after: Option<After>,
}

/// Gets what the search page shows.
#[utoipa::path(
    get,
    path = "/search",
    operation_id = "search",
    params(Question),
    responses(
        (status = 200, description = "The page", body = Search, example = json!({
            "q": "onda", "total": 1, "products": [example()], "next": null, "categories": [],
        })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>, Query(Question { q, after }): Query<Question>) -> Result<Json<Search>, Error> {
    let q = terms(&q);
    let mut found = Search {
        q: q.clone(),
        total: 0,
        products: Vec::new(),
        next: None,
        categories: Vec::new(),
    };
    if !q.is_empty() {
        let wanted = Wanted {
            q: Some(&q),
            after: after.as_ref().map(After::as_str),
            ..Wanted::default()
        };
        let page = app.catalog.products(&wanted).await?;
        found.total = page.total;
        found.products = priced(&app, page.items).await;
        found.next = page.next;
    }
    if found.total == 0 {
        let categories = app.catalog.categories().await?;
        found.categories = categories.into_iter().map(Link::from).collect();
    }
    Ok(Json(found))
}
