//! `/cart`

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use page::{Html, with_query};
use serde::Deserialize;
use service::{CallError, Problem, Query};
use values::Code;

use super::form::{PostedForm, key_or_generated};
use super::{see_other, unavailable};
use crate::bff::Cookies;
use crate::pages::cart::{ChangeError, Undo};
use crate::{App, pages};

/// The form that adds an item.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AddForm {
    sku: String,
    quantity: String,
    key: String,
}

/// The form that changes or removes a line.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ChangeForm {
    sku: String,
    quantity: String,
    /// The quantity before the change
    previous_quantity: String,
    /// Present if the line is to be removed
    remove: Option<String>,
}

/// Query of the cart page: the last change.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CartQuery {
    /// SKU of the item that was just removed
    removed: String,
    /// Quantity of that item
    quantity: String,
    /// Present if the cart has just been created
    begun: Option<String>,
}

/// The cart page.
pub async fn get(State(app): State<App>, cookies: Cookies, query: Result<Query<CartQuery>, Problem>) -> Response {
    // An invalid query is ignored.
    let Query(CartQuery {
        removed,
        quantity,
        begun,
    }) = query.unwrap_or(Query(CartQuery::default()));
    match (begun.is_some(), cookies.has_cart()) {
        (true, false) => return Html::new(pages::cart::without_cookies(&app.assets)).into_response(),
        (true, true) => return see_other("/cart"),
        (false, _) => {}
    }
    let removed = Code::try_from(removed).ok();
    match app.bff.cart(&cookies, removed.as_ref().map(Code::as_str)).await {
        Ok(mut cart) => {
            let undo = cart.removed.take().map(|removed| Undo {
                removed,
                quantity: quantity_or_one(&quantity),
            });
            Html::new(pages::cart::draw(cart, undo, None, &app.assets)).into_response()
        }
        Err(error) => unavailable(&app, &error),
    }
}

/// Adds an item.
pub async fn create(State(app): State<App>, cookies: Cookies, PostedForm(form): PostedForm<AddForm>) -> Response {
    let Some(quantity) = parse_quantity(&form.quantity, 1) else {
        return reject(&app, &cookies, None, &invalid_quantity(1)).await;
    };
    // Only the next request shows whether the browser has stored its first cookie.
    let next = if cookies.has_cart() { "/cart" } else { "/cart?begun=yes" };
    match app
        .bff
        .add_line(&cookies, &form.sku, quantity, &key_or_generated(&form.key))
        .await
    {
        Ok(Some(cookie)) => ([(header::SET_COOKIE, cookie)], see_other(next)).into_response(),
        Ok(None) => see_other(next),
        Err(error) if is_key_reused(&error) => reject(&app, &cookies, None, &already_added()).await,
        Err(error) => failed(&app, &cookies, None, &error).await,
    }
}

/// Whether the key has been used before, with another quantity.
fn is_key_reused(error: &CallError) -> bool {
    let rejection = error.refusal();
    rejection.is_some_and(|rejection| rejection.is("idempotency-key-reused"))
}

fn already_added() -> Problem {
    let problem = Problem::new(StatusCode::CONFLICT, "idempotency-key-reused", "Already added");
    problem.detail("You have already added this item from that page. You can change the quantity here.")
}

/// Changes the quantity of a line, or removes the line.
pub async fn update(State(app): State<App>, cookies: Cookies, PostedForm(form): PostedForm<ChangeForm>) -> Response {
    let Ok(sku) = Code::try_from(form.sku) else {
        let problem = Problem::invalid("We could not tell which item to change. Please try again.");
        return reject(&app, &cookies, None, &problem).await;
    };
    let (result, is_removed) = match (&form.remove, parse_quantity(&form.quantity, 0)) {
        (Some(_), _) | (None, Some(0)) => (app.bff.delete_line(&cookies, sku.as_str()).await, true),
        (None, Some(quantity)) => (app.bff.update_line(&cookies, sku.as_str(), quantity).await, false),
        (None, None) => return reject(&app, &cookies, Some(sku.to_string()), &invalid_quantity(0)).await,
    };
    match result {
        Ok(()) if is_removed => {
            let cart = with_query("/cart", "removed", sku.as_str());
            let quantity = quantity_or_one(&form.previous_quantity);
            see_other(&format!("{cart}&quantity={quantity}"))
        }
        Ok(()) => see_other("/cart"),
        // Removed in another window: the cart page shows the current state.
        Err(error)
            if error
                .refusal()
                .is_some_and(|rejection| rejection.status() == StatusCode::NOT_FOUND) =>
        {
            see_other("/cart")
        }
        Err(error) => failed(&app, &cookies, Some(sku.to_string()), &error).await,
    }
}

async fn failed(app: &App, cookies: &Cookies, sku: Option<String>, error: &CallError) -> Response {
    match error.refusal() {
        Some(rejection) => reject(app, cookies, sku, rejection).await,
        None => unavailable(app, error),
    }
}

/// The cart page with the error of a change.
async fn reject(app: &App, cookies: &Cookies, sku: Option<String>, rejection: &Problem) -> Response {
    let first = rejection.errors.first();
    let error = ChangeError {
        sku,
        text: first.map_or(&rejection.detail, |error| &error.detail).clone(),
    };
    match app.bff.cart(cookies, None).await {
        Ok(cart) => Html::new(pages::cart::draw(cart, None, Some(error), &app.assets))
            .status(rejection.status())
            .into_response(),
        Err(error) => unavailable(app, &error),
    }
}

/// A quantity from `min` to 99.
fn parse_quantity(text: &str, min: i64) -> Option<i64> {
    let number = text.trim().parse().ok();
    number.filter(|number| (min..=99).contains(number))
}

/// A quantity from 1 to 99, or 1 if the text is none.
fn quantity_or_one(text: &str) -> u32 {
    text.parse()
        .ok()
        .filter(|quantity| (1..=99).contains(quantity))
        .unwrap_or(1)
}

fn invalid_quantity(min: u32) -> Problem {
    Problem::invalid(format!("Please choose a quantity from {min} to 99."))
}
