//! `/cart`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use page::Html;
use serde::Deserialize;
use service::{CallError, Path, Problem, Query};

use super::form::Posted;
use super::{missing, see, unavailable};
use crate::bff::Visitor;
use crate::pages::cart::{Trouble, Undo};
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
    /// How many there were
    was: String,
    remove: Option<String>,
}

/// What has just been taken out, and how many of it there were.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct News {
    removed: String,
    quantity: String,
}

/// The cart's page.
pub async fn get(State(app): State<App>, visitor: Visitor, news: Result<Query<News>, Problem>) -> Response {
    // A query that makes no sense tells nothing.
    let Query(News { removed, quantity }) = news.unwrap_or(Query(News::default()));
    let asked = is_plain(&removed).then_some(&*removed);
    match app.bff.cart(&visitor, asked).await {
        Ok(mut cart) => {
            let undo = cart.removed.take().map(|removed| Undo {
                removed,
                quantity: amount(&quantity),
            });
            Html::new(pages::cart::draw(cart, undo, None, &app.assets)).into_response()
        }
        Err(error) => unavailable(&app, &error),
    }
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
    let (done, is_out) = match (&change.remove, number(&change.quantity)) {
        (Some(_), _) | (None, Some(0)) => (app.bff.remove(&visitor, &sku).await, true),
        (None, Some(quantity)) => (app.bff.set(&visitor, &sku, quantity).await, false),
        (None, None) => return refuse(&app, &visitor, Some(sku), &not_a_number(0)).await,
    };
    match done {
        Ok(()) if is_out => see(&format!("/cart?removed={sku}&quantity={}", amount(&change.was))),
        Ok(()) => see("/cart"),
        // Taken out in another window: the cart as it is says it best.
        Err(error)
            if error
                .refusal()
                .is_some_and(|refusal| refusal.status() == StatusCode::NOT_FOUND) =>
        {
            see("/cart")
        }
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
    match app.bff.cart(visitor, None).await {
        Ok(cart) => Html::new(pages::cart::draw(cart, None, Some(trouble), &app.assets))
            .status(refusal.status())
            .into_response(),
        Err(error) => unavailable(app, &error),
    }
}

fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// How many there were, as a query says; one, where it makes no sense.
fn amount(text: &str) -> u32 {
    text.parse()
        .ok()
        .filter(|quantity| (1..=99).contains(quantity))
        .unwrap_or(1)
}

fn not_a_number(least: u32) -> Problem {
    Problem::invalid(format!("Please choose {least} to 99."))
}

/// It makes no other path of the BFF's, and none of ours.
pub(super) fn is_plain(sku: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&sku.len()) && sku.bytes().all(is_plain)
}
