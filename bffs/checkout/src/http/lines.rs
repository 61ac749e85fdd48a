//! `/cart/lines`: every change is answered with the whole cart as it is shown.

use axum::extract::{FromRequestParts, State};
use axum::http::HeaderName;
use axum::http::request::Parts;
use serde::Deserialize;
use service::{CallError, IdempotencyKey, Json, Problem, Query};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::cart::{example, show};
use super::session::{self, Session};
use super::values::{Count, Sku};
use crate::App;
use crate::error::{Error, Violation};
use crate::upstream::Addition;
use crate::{upstream, view};

/// So many of a thing.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewLine)]
pub struct Line {
    /// The thing
    sku: Sku,
    /// How many: 1 to 99
    #[schema(value_type = u32, minimum = 1, maximum = 99)]
    quantity: Count<1>,
}

/// How many of a thing there shall be.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Amount {
    /// The thing
    sku: Sku,
    /// So many, 99 at most; none where it is 0
    #[schema(value_type = u32, maximum = 99)]
    quantity: Count<0>,
}

/// Which thing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Thing {
    /// Its SKU
    #[param(value_type = String)]
    sku: Sku,
}

/// The caller's name for its intent, or one of our own, so that at least we can send it again.
pub struct Key(String);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if !parts.headers.contains_key(IdempotencyKey::HEADER) {
            return Ok(Self(Uuid::new_v4().to_string()));
        }
        let key = IdempotencyKey::from_request_parts(parts, state).await?;
        Ok(Self(key.as_str().to_owned()))
    }
}

/// Puts more of a thing into the cart; makes the cart where there is none.
#[utoipa::path(
    post,
    path = "/cart/lines",
    operation_id = "createLine",
    params(
        ("idempotency-key" = Option<String>, Header, description = "The same thing under the same key is put in once"),
        ("cookie" = Option<String>, Header, description = "`cart=<id>`"),
    ),
    request_body(content = Line, example = json!({ "sku": "onda-vase-sand", "quantity": 1 })),
    responses(
        (
            status = 200, description = "The cart", body = view::Cart,
            headers(("set-cookie" = String, description = "`cart=<id>`, for 30 days")),
            example = json!(example(1)),
        ),
    ),
    extensions(("x-problems" = json!(["too-many-requests", "unavailable"]))),
)]
pub async fn create(
    State(app): State<App>,
    Session(id): Session,
    Key(key): Key,
    Json(Line { sku, quantity }): Json<Line>,
) -> Result<([(HeaderName, String); 1], Json<view::Cart>), Error> {
    let (is_known, prices) = tokio::join!(app.catalog.knows(&sku.0), app.pricing.prices([&*sku.0]));
    if !is_known? {
        return Err(unknown("There is no such thing in this shop."));
    }
    let unit_price = prices.as_ref().and_then(|prices| prices.of(&sku.0));
    if prices.is_some() && unit_price.is_none() {
        return Err(unknown("This is not for sale right now."));
    }
    let line = upstream::Line {
        sku: sku.0,
        quantity: quantity.0,
    };
    let addition = Addition::new(line, unit_price, key);
    let known = match id {
        Some(id) => app.carts.add(id, &addition).await.map_err(refused)?,
        None => None,
    };
    let cart = match known {
        Some(cart) => cart,
        None => begin(&app, &addition).await?,
    };
    let cookie = session::cookie(cart.id);
    Ok(([cookie], Json(show(&app, Some(cart)).await)))
}

fn unknown(detail: &'static str) -> Error {
    let pointer = "/sku";
    Error::from(Violation { pointer, detail })
}

/// A new cart with its first line.
async fn begin(app: &App, addition: &Addition) -> Result<upstream::Cart, Error> {
    app.rates.carts.check_client()?;
    let cart = app.carts.create().await?;
    let cart = app.carts.add(cart.id, addition).await.map_err(refused)?;
    cart.ok_or(Error::NotFound("cart"))
}

/// Sees to it that there are so many of a thing that is in the cart.
#[utoipa::path(
    put,
    path = "/cart/lines",
    operation_id = "updateLine",
    params(("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    request_body(content = Amount, example = json!({ "sku": "onda-vase-sand", "quantity": 2 })),
    responses(
        (status = 200, description = "The cart", body = view::Cart, example = json!(example(2))),
    ),
    extensions(("x-problems" = json!(["not-found", "unavailable"]))),
)]
pub async fn update(
    State(app): State<App>,
    session: Session,
    Json(Amount { sku, quantity }): Json<Amount>,
) -> Result<(Renewed, Json<view::Cart>), Error> {
    let cart = session.cart(&app).await?.ok_or(Error::NotFound("line in the cart"))?;
    // The cart itself takes any SKU; what is not in it has not been looked up.
    if !cart.lines.iter().any(|line| line.sku == sku.0) {
        return Err(Error::NotFound("line in the cart"));
    }
    let cart = app.carts.set(cart.id, &sku.0, quantity.0).await.map_err(refused)?;
    Ok((renewed(cart.as_ref()), Json(show(&app, cart).await)))
}

/// The cookie lives as long as its cart: for 30 days after the last change.
type Renewed = Option<[(HeaderName, String); 1]>;

fn renewed(cart: Option<&upstream::Cart>) -> Renewed {
    cart.map(|cart| [session::cookie(cart.id)])
}

/// Takes a thing out of the cart. What is not there is out already.
#[utoipa::path(
    delete,
    path = "/cart/lines",
    operation_id = "removeLine",
    params(Thing, ("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "The cart", body = view::Cart, example = json!({ "quantity": 0, "lines": [], "subtotal": null })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn remove(
    State(app): State<App>,
    Session(id): Session,
    Query(Thing { sku }): Query<Thing>,
) -> Result<(Renewed, Json<view::Cart>), Error> {
    let cart = match id {
        Some(id) => app.carts.remove(id, &sku.0).await?,
        None => None,
    };
    Ok((renewed(cart.as_ref()), Json(show(&app, cart).await)))
}

/// The cart's refusal. Islands show the detail, so what is wrong with the first field stands there.
fn refused(error: CallError) -> Error {
    match Error::refused(error, |pointer| Some(pointer.to_owned())) {
        Error::Refused(mut problem) => {
            if let Some(field) = problem.errors.first() {
                problem.detail.clone_from(&field.detail);
            }
            Error::Refused(problem)
        }
        other => other,
    }
}
