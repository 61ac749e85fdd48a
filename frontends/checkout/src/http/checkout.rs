//! `/checkout`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use page::Html;
use serde::Deserialize;
use service::{CallError, Problem, Query, causes};
use uuid::Uuid;
use values::Code;

use super::form::PostedForm;
use super::{see_other, unavailable};
use crate::bff::{CheckoutForm, Cookies};
use crate::pages::checkout::Notice;
use crate::pages::retry::{self, Step};
use crate::{App, pages};

/// Query of the checkout page: the choices made so far.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CheckoutQuery {
    country: String,
    shipping: String,
    shop: String,
    payment: String,
}

/// The checkout page.
pub async fn get(State(app): State<App>, cookies: Cookies, query: Result<Query<CheckoutQuery>, Problem>) -> Response {
    // An invalid query is ignored.
    let Query(query) = query.unwrap_or(Query(CheckoutQuery::default()));
    let form = CheckoutForm {
        country: query.country,
        shipping: query.shipping,
        shop: query.shop,
        payment: query.payment,
        ..CheckoutForm::default()
    };
    match app.bff.checkout(&cookies, &form).await {
        Ok(view) => Html::new(pages::checkout::draw(view, form, None, &app.assets)).into_response(),
        Err(error) => unavailable(&app, &error),
    }
}

/// Places the order (`step=place`), or draws the page again after a change.
pub async fn create(State(app): State<App>, cookies: Cookies, PostedForm(form): PostedForm<CheckoutForm>) -> Response {
    if form.step == "place" {
        return place(&app, &cookies, form).await;
    }
    // The page shows the current cart in either case.
    if let Err(error) = set_quantity(&app, &cookies, &form.set_quantity).await {
        tracing::warn!(
            upstream = error.part(),
            error = causes(&error),
            "a cart cannot be changed"
        );
    }
    draw_again(&app, &cookies, form, None).await
}

/// Sets the quantity of a line: `<sku>:<quantity>`. Any other text is ignored.
async fn set_quantity(app: &App, cookies: &Cookies, text: &str) -> Result<(), CallError> {
    let line = text.rsplit_once(':');
    match line.map(|(sku, quantity)| (Code::try_from(sku.to_owned()), quantity.parse())) {
        Some((Ok(sku), Ok(0))) => app.bff.delete_line(cookies, sku.as_str()).await,
        Some((Ok(sku), Ok(quantity @ 1..=99))) => app.bff.update_line(cookies, sku.as_str(), quantity).await,
        _ => Ok(()),
    }
}

async fn place(app: &App, cookies: &Cookies, form: CheckoutForm) -> Response {
    // Our own pages always have a UUID, and other texts may not be valid in a header.
    if Uuid::try_parse(&form.key).is_err() {
        let problem = Problem::new(StatusCode::CONFLICT, "total-changed", "The total has changed");
        let problem = problem.detail("This page was out of date.");
        return draw_again(app, cookies, form, Some(&problem)).await;
    }
    match app.bff.create_order(cookies, &form).await {
        Ok(placed) => see_other(&placed.next_page()),
        Err(error) => {
            if let Some(rejection) = error.refusal() {
                // Ordered from another page: the order page says more than this one.
                if let Some(order) = existing_order(rejection) {
                    return see_other(&format!("/orders/{order}"));
                }
                return draw_again(app, cookies, form, Some(rejection)).await;
            }
            // The result is unknown: the shopper sends the same form with the same key again.
            tracing::warn!(
                upstream = error.part(),
                error = causes(&error),
                "it is unknown whether an order was placed"
            );
            retry_later(app, form, Step::Place)
        }
    }
}

/// The order that this cart was ordered with, from another page.
fn existing_order(rejection: &Problem) -> Option<Uuid> {
    let order = rejection.extensions.get("order")?.as_str()?;
    Uuid::try_parse(order).ok().filter(|_| rejection.is("cart-ordered"))
}

/// Draws the page again, with a new key, the shopper's input and the reason of the rejection.
async fn draw_again(app: &App, cookies: &Cookies, form: CheckoutForm, rejection: Option<&Problem>) -> Response {
    match app.bff.checkout(cookies, &form).await {
        Ok(view) => {
            let page = pages::checkout::draw(view, form.without_card(), rejection.map(Notice::of), &app.assets);
            let status = rejection.map_or(StatusCode::OK, Problem::status);
            Html::new(page).status(status).into_response()
        }
        Err(error) => {
            tracing::warn!(
                upstream = error.part(),
                error = causes(&error),
                "a page cannot be drawn"
            );
            retry_later(app, form, Step::Update)
        }
    }
}

/// The page that keeps the shopper's input to be sent again.
fn retry_later(app: &App, form: CheckoutForm, step: Step) -> Response {
    Html::new(retry::draw(form.without_card(), step, &app.assets))
        .status(StatusCode::SERVICE_UNAVAILABLE)
        .into_response()
}
