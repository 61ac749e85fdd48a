//! `/checkout`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use page::Html;
use serde::Deserialize;
use service::{CallError, Problem, Query, causes};
use uuid::Uuid;

use super::cart::is_sku;
use super::form::Posted;
use super::{see, unavailable};
use crate::bff::{Form, Visitor};
use crate::pages::checkout::Notice;
use crate::pages::retry::{self, Step};
use crate::{App, pages};

/// Where to, and how.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    country: String,
    shipping: String,
    shop: String,
    payment: String,
}

/// The checkout page.
pub async fn get(State(app): State<App>, visitor: Visitor, choice: Result<Query<Choice>, Problem>) -> Response {
    // A query that makes no sense chooses nothing.
    let Query(choice) = choice.unwrap_or(Query(Choice::default()));
    let form = Form {
        country: choice.country,
        shipping: choice.shipping,
        shop: choice.shop,
        payment: choice.payment,
        ..Form::default()
    };
    match app.bff.checkout(&visitor, &form).await {
        Ok(view) => Html::new(pages::checkout::draw(view, form, None, &app.assets)).into_response(),
        Err(error) => unavailable(&app, &error),
    }
}

/// What was typed: the page again with another total or fewer things, or an order.
pub async fn create(State(app): State<App>, visitor: Visitor, Posted(form): Posted<Form>) -> Response {
    if form.step == "place" {
        return place(&app, &visitor, form).await;
    }
    // Whether it was done or not: the page tells what is in the cart now.
    if let Err(error) = take(&app, &visitor, &form.take).await {
        tracing::warn!(
            upstream = error.part(),
            error = causes(&error),
            "a cart stays as it was"
        );
    }
    show_again(&app, &visitor, form, None).await
}

/// So many of a thing as there are, or none: `<sku>:<quantity>`.
async fn take(app: &App, visitor: &Visitor, wish: &str) -> Result<(), CallError> {
    let line = wish.rsplit_once(':').filter(|(sku, _)| is_sku(sku));
    match line.map(|(sku, quantity)| (sku, quantity.parse())) {
        Some((sku, Ok(0))) => app.bff.remove(visitor, sku).await,
        Some((sku, Ok(quantity @ 1..=99))) => app.bff.set(visitor, sku, quantity).await,
        _ => Ok(()),
    }
}

async fn place(app: &App, visitor: &Visitor, form: Form) -> Response {
    // A page of ours always has one, and another would be no header.
    if Uuid::try_parse(&form.key).is_err() {
        let problem = Problem::new(StatusCode::CONFLICT, "total-changed", "The total has changed");
        let problem = problem.detail("This page was out of date.");
        return show_again(app, visitor, form, Some(&problem)).await;
    }
    match app.bff.place(visitor, &form).await {
        Ok(placed) => see(&placed.onwards()),
        Err(error) => {
            if let Some(refusal) = error.refusal() {
                // Ordered from another page: its own page tells more than one about a cart that is bought.
                if let Some(order) = ordered(refusal) {
                    return see(&format!("/orders/{order}"));
                }
                return show_again(app, visitor, form, Some(refusal)).await;
            }
            // Nobody knows how it ended: the same intent once more, for the total that was shown.
            tracing::warn!(
                upstream = error.part(),
                error = causes(&error),
                "how an order ended is not known"
            );
            later(app, form, Step::Place)
        }
    }
}

/// The order that was made of this cart already.
fn ordered(refusal: &Problem) -> Option<Uuid> {
    let order = refusal.extensions.get("order")?.as_str()?;
    Uuid::try_parse(order).ok().filter(|_| refusal.is("cart-ordered"))
}

/// The page again, as another intent, with all that was typed and what is wrong with it.
async fn show_again(app: &App, visitor: &Visitor, form: Form, refusal: Option<&Problem>) -> Response {
    match app.bff.checkout(visitor, &form).await {
        Ok(view) => {
            let page = pages::checkout::draw(view, form.without_card(), refusal.map(Notice::of), &app.assets);
            let status = refusal.map_or(StatusCode::OK, Problem::status);
            Html::new(page).status(status).into_response()
        }
        Err(error) => {
            tracing::warn!(
                upstream = error.part(),
                error = causes(&error),
                "a page cannot be drawn"
            );
            later(app, form, Step::Update)
        }
    }
}

/// All that was typed, to be sent once more.
fn later(app: &App, form: Form, step: Step) -> Response {
    Html::new(retry::draw(form.without_card(), step, &app.assets))
        .status(StatusCode::SERVICE_UNAVAILABLE)
        .into_response()
}
