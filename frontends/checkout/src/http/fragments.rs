//! Fragments. Where the BFF is away they answer 503, so that the page's own fallback stands in.

use axum::extract::State;
use page::Html;
use serde::Deserialize;
use service::{Problem, Query};

use crate::bff::Visitor;
use crate::{App, fragments};

/// Which thing.
#[derive(Debug, Deserialize)]
pub struct Choice {
    sku: String,
}

/// `/checkout/fragments/mini-cart`
pub async fn mini_cart(State(app): State<App>, visitor: Visitor) -> Result<Html, Problem> {
    let quantity = app.bff.count(&visitor).await?;
    Ok(Html::new(fragments::mini_cart(quantity, &app.assets)))
}

/// `/checkout/fragments/add-to-cart?sku=`
pub async fn add_to_cart(State(app): State<App>, Query(choice): Query<Choice>) -> Result<Html, Problem> {
    let offer = app.bff.offer(&choice.sku).await?;
    Ok(Html::new(fragments::add_to_cart(offer, &app.assets)))
}
