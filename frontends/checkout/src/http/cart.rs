//! `/cart`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use page::{Html, address};
use serde::Deserialize;
use service::{CallError, Problem, Query};

use super::form::{Posted, key};
use super::{see, unavailable};
use crate::bff::Visitor;
use crate::pages::cart::{Trouble, Undo};
use crate::{App, pages};

/// What is to be put into the cart, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Addition {
    sku: String,
    quantity: String,
    key: String,
}

/// What is to become of a line, as it was typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Change {
    sku: String,
    quantity: String,
    /// How many there were
    was: String,
    remove: Option<String>,
}

/// What has just been done to the cart.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct News {
    /// What was taken out
    removed: String,
    /// How many of it there were
    quantity: String,
    /// Whether something was put into a cart that was begun with it
    begun: Option<String>,
}

/// The cart's page.
pub async fn get(State(app): State<App>, visitor: Visitor, news: Result<Query<News>, Problem>) -> Response {
    // A query that makes no sense tells nothing.
    let Query(News {
        removed,
        quantity,
        begun,
    }) = news.unwrap_or(Query(News::default()));
    match (begun.is_some(), visitor.has_cart()) {
        (true, false) => return Html::new(pages::cart::without_cookies(&app.assets)).into_response(),
        (true, true) => return see("/cart"),
        (false, _) => {}
    }
    let asked = is_sku(&removed).then_some(&*removed);
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
    let Some(quantity) = number(&addition.quantity, 1) else {
        return refuse(&app, &visitor, None, &not_a_number(1)).await;
    };
    // Whether a browser keeps its first cookie, only its next request tells.
    let next = if visitor.has_cart() { "/cart" } else { "/cart?begun=yes" };
    match app
        .bff
        .add(&visitor, &addition.sku, quantity, &key(&addition.key))
        .await
    {
        Ok(Some(cookie)) => ([(header::SET_COOKIE, cookie)], see(next)).into_response(),
        Ok(None) => see(next),
        Err(error) if is_known(&error) => refuse(&app, &visitor, None, &put_in_before()).await,
        Err(error) => failed(&app, &visitor, None, &error).await,
    }
}

/// Whether something was put in under this key before, in another number.
fn is_known(error: &CallError) -> bool {
    let refusal = error.refusal();
    refusal.is_some_and(|refusal| refusal.is("idempotency-key-reused"))
}

fn put_in_before() -> Problem {
    let problem = Problem::new(StatusCode::CONFLICT, "idempotency-key-reused", "It was put in before");
    problem.detail("This was put into your cart from the same page before. Here you can change how many there are.")
}

/// Changes how many of something there are, or takes it out.
pub async fn update(State(app): State<App>, visitor: Visitor, Posted(change): Posted<Change>) -> Response {
    let sku = change.sku;
    if !is_sku(&sku) {
        let problem = Problem::invalid("We do not know what was to be changed. Here is your cart as it is.");
        return refuse(&app, &visitor, None, &problem).await;
    }
    let (done, is_out) = match (&change.remove, number(&change.quantity, 0)) {
        (Some(_), _) | (None, Some(0)) => (app.bff.remove(&visitor, &sku).await, true),
        (None, Some(quantity)) => (app.bff.set(&visitor, &sku, quantity).await, false),
        (None, None) => return refuse(&app, &visitor, Some(sku), &not_a_number(0)).await,
    };
    match done {
        Ok(()) if is_out => {
            let cart = address("/cart", "removed", &sku);
            see(&format!("{cart}&quantity={}", amount(&change.was)))
        }
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

/// How many are wanted: what nobody may have is not asked for.
fn number(text: &str, least: i64) -> Option<i64> {
    let number = text.trim().parse().ok();
    number.filter(|number| (least..=99).contains(number))
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

/// Whether it can be a SKU: what cannot is not asked about.
pub(super) fn is_sku(text: &str) -> bool {
    text::code(text, 64).is_ok()
}
