//! `/checkout`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use page::Html;
use serde::Deserialize;
use service::{Problem, Query};
use uuid::Uuid;

use super::form::Posted;
use super::{see, unavailable};
use crate::bff::{Checkout, Form, Visitor};
use crate::pages::checkout::Notice;
use crate::{App, pages};

/// Where to, and how.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    country: String,
    shipping: String,
}

/// The checkout page.
pub async fn get(
    State(app): State<App>,
    visitor: Visitor,
    choice: Result<Query<Choice>, Problem>,
) -> Response {
    // A query that makes no sense chooses nothing.
    let Query(Choice { country, shipping }) = choice.unwrap_or(Query(Choice::default()));
    let form = Form {
        country,
        shipping,
        ..Form::default()
    };
    show(&app, &visitor, form).await
}

/// What was typed: the page again with another total, or an order.
pub async fn create(State(app): State<App>, visitor: Visitor, Posted(form): Posted<Form>) -> Response {
    match &*form.step {
        "place" => place(&app, &visitor, form).await,
        _ => show(&app, &visitor, form).await,
    }
}

async fn show(app: &App, visitor: &Visitor, form: Form) -> Response {
    match app.bff.checkout(visitor, &form.country, &form.shipping).await {
        Ok(view) => Html::new(pages::checkout::draw(view, form.without_card(), None, &app.assets)).into_response(),
        Err(error) => unavailable(app, &error),
    }
}

async fn place(app: &App, visitor: &Visitor, form: Form) -> Response {
    // A page of ours always has one, and another would be no header.
    if Uuid::try_parse(&form.idempotency_key).is_err() {
        let problem = Problem::new(StatusCode::CONFLICT, "total-changed", "The total has changed");
        return show_again(app, visitor, form, &problem.detail("This page was out of date.")).await;
    }
    match app.bff.place(visitor, &form).await {
        Ok(id) => see(&format!("/orders/{id}")),
        Err(error) => match error.refusal() {
            Some(refusal) => show_again(app, visitor, form, refusal).await,
            None => {
                tracing::warn!(%error, "outcome of an order unknown");
                retry(app, visitor, form).await
            }
        },
    }
}

/// Refused: the page again, as another intent, with all that was typed and what is wrong with it.
async fn show_again(app: &App, visitor: &Visitor, form: Form, refusal: &Problem) -> Response {
    match app.bff.checkout(visitor, &form.country, &form.shipping).await {
        Ok(view) => {
            let page = pages::checkout::draw(view, form.without_card(), Some(Notice::of(refusal)), &app.assets);
            Html::new(page).status(refusal.status()).into_response()
        }
        Err(error) => unavailable(app, &error),
    }
}

/// Nobody knows how it ended: the same intent once more. The order may stand, and the cart be empty, by now.
async fn retry(app: &App, visitor: &Visitor, form: Form) -> Response {
    let view = app.bff.checkout(visitor, &form.country, &form.shipping).await;
    let form = form.without_card();
    let page = match view {
        Ok(view) if !view.cart.is_empty() => {
            let view = same_intent(view, &form);
            pages::checkout::draw(view, form, Some(Notice::unconfirmed()), &app.assets)
        }
        _ => pages::retry::draw(form, &app.assets),
    };
    Html::new(page).status(StatusCode::SERVICE_UNAVAILABLE).into_response()
}

fn same_intent(view: Checkout, form: &Form) -> Checkout {
    Checkout {
        idempotency_key: form.idempotency_key.clone(),
        quote: view.quote.map(|quote| crate::bff::Quote {
            token: form.quote.clone(),
            ..quote
        }),
        ..view
    }
}
