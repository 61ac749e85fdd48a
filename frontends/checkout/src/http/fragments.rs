//! Fragments. They answer 503 when the BFF is away, so that the page shows its fallback.

use axum::extract::State;
use page::Html;
use serde::Deserialize;
use service::{Problem, Query};

use crate::bff::Cookies;
use crate::{App, fragments};

/// Query of the add-to-cart fragment.
#[derive(Debug, Deserialize)]
pub struct AddToCartQuery {
    sku: String,
}

/// `/checkout/fragments/mini-cart`
pub async fn mini_cart(State(app): State<App>, cookies: Cookies) -> Result<Html, Problem> {
    let quantity = app.bff.count(&cookies).await?;
    Ok(Html::new(fragments::mini_cart(quantity, &app.assets)))
}

/// `/checkout/fragments/add-to-cart?sku=`
pub async fn add_to_cart(State(app): State<App>, Query(query): Query<AddToCartQuery>) -> Result<Html, Problem> {
    let availability = app.bff.availability(&query.sku).await?;
    Ok(Html::new(fragments::add_to_cart(availability, &app.assets)))
}
