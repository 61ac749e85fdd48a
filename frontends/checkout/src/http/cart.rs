//! `/cart`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use page::Html;
use serde::Deserialize;
use service::{CallError, Path, Problem};

use super::form::Posted;
use super::{missing, see, unavailable};
use crate::bff::Visitor;
use crate::pages::cart::Trouble;
use crate::{App, pages};

/// What is to be put into the cart, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Addition {
    sku: String,
    quantity: String,
}

/// What is to become of a line, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Change {
    quantity: String,
    remove: Option<String>,
}

/// The cart's page.
pub async fn get(State(app): State<App>, visitor: Visitor) -> Response {
    draw(&app, &visitor, None).await
}

/// Puts something in.
pub async fn create(State(app): State<App>, visitor: Visitor, Posted(addition): Posted<Addition>) -> Response {
    let Some(quantity) = number(&addition.quantity) else {
        return refuse(&app, &visitor, None, &not_a_number(1)).await;
    };
    match app.bff.add(&visitor, &addition.sku, quantity).await {
        Ok(Some(cookie)) => ([(header::SET_COOKIE, cookie)], see("/cart")).into_response(),
        Ok(None) => see("/cart"),
        Err(error) => failed(&app, &visitor, None, &error).await,
    }
}

/// Changes how many of something there are, or takes it out.
pub async fn update(
    State(app): State<App>,
    visitor: Visitor,
    sku: Result<Path<String>, Problem>,
    Posted(change): Posted<Change>,
) -> Response {
    let Some(sku) = sku.ok().map(|Path(sku)| sku).filter(|sku| is_plain(sku)) else {
        return missing(State(app)).await.into_response();
    };
    let done = match (&change.remove, number(&change.quantity)) {
        (Some(_), _) => app.bff.remove(&visitor, &sku).await,
        (None, Some(quantity)) => app.bff.set(&visitor, &sku, quantity).await,
        (None, None) => return refuse(&app, &visitor, Some(sku), &not_a_number(0)).await,
    };
    match done {
        Ok(()) => see("/cart"),
        // Taken out in another window: the cart as it is says it best.
        Err(error) if error.refusal().is_some_and(|refusal| refusal.status() == StatusCode::NOT_FOUND) => see("/cart"),
        Err(error) => failed(&app, &visitor, Some(sku), &error).await,
    }
}

async fn failed(app: &App, visitor: &Visitor, sku: Option<String>, error: &CallError) -> Response {
    match error.refusal() {
        Some(refusal) => refuse(app, visitor, sku, refusal).await,
        None => unavailable(app, error),
    }
}

/// The cart as it is, and what is wrong with what was asked.
async fn refuse(app: &App, visitor: &Visitor, sku: Option<String>, refusal: &Problem) -> Response {
    let said = refusal.errors.first().map_or(&refusal.detail, |error| &error.detail);
    let trouble = Trouble {
        sku,
        text: said.clone(),
    };
    let mut response = draw(app, visitor, Some(trouble)).await;
    if response.status().is_success() {
        *response.status_mut() = refusal.status();
    }
    response
}

async fn draw(app: &App, visitor: &Visitor, trouble: Option<Trouble>) -> Response {
    match app.bff.cart(visitor).await {
        Ok(cart) => Html::new(pages::cart::draw(cart, trouble, &app.assets)).into_response(),
        Err(error) => unavailable(app, &error),
    }
}

fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn not_a_number(least: u32) -> Problem {
    Problem::invalid(format!("Please choose {least} to 99."))
}

/// It makes no other path of the BFF's.
fn is_plain(sku: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&sku.len()) && sku.bytes().all(is_plain)
}
