//! `/orders`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Context, IdempotencyKey, Json, Limit, Path, Poll, Query};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::App;
use crate::domain::{Order, Request};
use crate::error::Error;
use crate::saga::{self, Saga};
use crate::store;

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Wanted {
    /// Those placed after this one: the `next` of the page before
    after: Option<Uuid>,
    /// At most so many
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 100)]
    limit: Limit<100, 100>,
    /// That of this `Idempotency-Key` alone
    key: Option<String>,
    /// Those of this cart alone, the newest first
    cart: Option<Uuid>,
    /// Only those that the shop is still at, or no longer
    open: Option<bool>,
}

/// Some orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    items: Vec<Listed>,
    /// Where the next page begins; null on the last
    next: Option<Uuid>,
}

/// An order, and whether there is something left to do for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed {
    #[serde(flatten)]
    order: Order,
    /// Whether the shop is still at it
    open: bool,
}

/// Lists all orders, the oldest first; or those of a cart, the newest first.
#[utoipa::path(
    get,
    path = "/orders",
    operation_id = "listOrders",
    params(Wanted),
    responses(
        (status = 200, description = "A page of them", body = Page, example = json!({ "items": [example_listed()], "next": null })),
    ),
)]
pub async fn list(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Page>, Error> {
    let listed = |Saga { order, open, .. }| Listed { order, open };
    if let Some(key) = &wanted.key {
        let order = of_key(&app, key).await?.map(listed);
        let items = order.into_iter().collect();
        return Ok(Json(Page { items, next: None }));
    }
    let limit = wanted.limit;
    if let Some(cart) = wanted.cart {
        let sagas = store::orders::list_of_cart(&app.db, cart, wanted.open, limit).await?;
        let items = sagas.into_iter().map(listed).collect();
        return Ok(Json(Page { items, next: None }));
    }
    let sagas = store::orders::list(&app.db, wanted.after, wanted.open, limit).await?;
    let is_full = limit.is_reached(sagas.len());
    let next = sagas.last().filter(|_| is_full).map(|saga| saga.order.id);
    Ok(Json(Page {
        items: sagas.into_iter().map(listed).collect(),
        next,
    }))
}

async fn of_key(app: &App, key: &str) -> Result<Option<Saga>, Error> {
    // No header has such a key, and PostgreSQL no such text.
    let key = Some(key).filter(|key| !key.contains('\0'));
    let id = match key {
        Some(key) => store::orders::find_of_key(&app.db, key).await?,
        None => None,
    };
    Ok(match id {
        Some(id) => store::orders::find(&app.db, id).await?,
        None => None,
    })
}

/// Places an order. One of the same cart that waits for its shopper's bank is cancelled first.
#[utoipa::path(
    post,
    path = "/orders",
    operation_id = "createOrder",
    params(IdempotencyKey),
    request_body(content = Request, example = json!(example_request())),
    responses(
        (status = 201, description = "The order stands", body = Order, example = json!(example())),
        (status = 202, description = "It is still being placed: follow it at `/orders/{id}`; where it is `awaiting_payment`, send the shopper to its `action`, to pay there (`paid_by`: `hosted_page`) or to answer their bank", body = Order),
    ),
    extensions(("x-problems" = json!(["cancelled", "card-declined", "cart-ordered", "in-progress", "invoice-declined", "out-of-stock", "payment-expired", "quote-expired", "quote-used", "too-many-requests", "unavailable"]))),
)]
pub async fn create(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(request): Json<Request>,
) -> Result<(StatusCode, Json<Order>), Error> {
    // A task of its own, without the caller's deadline: who hangs up does not stop an order half-way.
    let context = Context::current().without_deadline();
    let (its_app, its_key, its_request) = (app.clone(), key.clone(), request.clone());
    let place = async move { saga::place(&its_app, &its_key, &its_request).await };
    let mut placing = context.spawn("order", place);
    let Ok(placed) = tokio::time::timeout(app.answer_within, &mut placing).await else {
        return underway(&app, &key, &request).await;
    };
    let Saga { order, refusal, .. } = placed.map_err(|error| Error::Internal(error.into()))??;
    match refusal {
        Some(refusal) => Err(Error::GivenUp(refusal)),
        None if order.status.is_acknowledged() => Ok((StatusCode::CREATED, Json(order))),
        // The bank wants to hear from the shopper.
        None => Ok((StatusCode::ACCEPTED, Json(order))),
    }
}

/// An order that takes longer than anybody waits for an answer.
async fn underway(app: &App, key: &IdempotencyKey, request: &Request) -> Result<(StatusCode, Json<Order>), Error> {
    let id = store::orders::find_by_key(&app.db, key, request).await?;
    let saga = store::orders::find(&app.db, id.ok_or(Error::Busy)?).await?;
    let order = saga.ok_or(Error::Busy)?.order;
    Ok((StatusCode::ACCEPTED, Json(order)))
}

/// Gets an order, whatever has become of it. Whoever names the `etag` of what they have seen may wait for the next
/// change.
#[utoipa::path(
    get,
    path = "/orders/{id}",
    operation_id = "getOrder",
    params(
        ("id" = Uuid, Path),
        Poll,
    ),
    responses(
        (status = 200, description = "The order", body = Order, headers(("etag" = String, description = "Names this state of it")), example = json!(example())),
        (status = 304, description = "It is as it was seen"),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>, mut poll: Poll) -> Result<Response, Error> {
    // Heard from here on: what happens between a look and the waiting is not missed.
    let mut news = app.outbox.news();
    loop {
        let saga = store::orders::find(&app.db, id).await?;
        let order = saga.ok_or(Error::NotFound("order"))?.order;
        if let Some(answer) = poll.answer(&order) {
            return Ok(answer);
        }
        poll.wait(news.heard()).await;
    }
}

/// Who gives an order up.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Cancellation {
    /// The cart that was ordered from: only whoever holds it may
    cart: Uuid,
}

/// Gives up an order that is not decided yet, such as one that waits for its shopper's bank. Nothing is charged, whatever
/// is approved at the bank later. Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/orders/{id}/cancellation",
    operation_id = "cancelOrder",
    params(("id" = Uuid, Path)),
    request_body(content = Cancellation, example = json!({ "cart": "9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42" })),
    responses(
        (status = 200, description = "The order, which came to nothing", body = Order, example = json!(example_cancelled())),
    ),
    extensions(("x-problems" = json!(["in-progress", "order-decided"]))),
)]
pub async fn cancel(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(Cancellation { cart }): Json<Cancellation>,
) -> Result<Json<Order>, Error> {
    let saga = store::orders::find(&app.db, id).await?;
    if saga.and_then(|saga| saga.cart) != Some(cart) {
        return Err(Error::NotFound("order"));
    }
    // Who hangs up does not stop it half-way.
    let context = Context::current().without_deadline();
    let cancel = async move { saga::cancel(&app, id, saga::GIVEN_UP).await };
    let cancelling = context.spawn("cancellation", cancel);
    let Saga { order, .. } = cancelling.await.map_err(|error| Error::Internal(error.into()))??;
    if order.status.is_acknowledged() {
        Err(Error::Decided)
    } else {
        Ok(Json(order))
    }
}

/// The quote is the documented one of pricing, so that it verifies with the documented key.
fn example_request() -> Value {
    json!({
        "quote": include_str!("quote.jws").trim_end(),
        "cart": "9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42",
        "cart_version": 1,
        "email": "ada@example.org",
        "address": example_address(),
        "lines": [{ "sku": "onda-vase-sand", "title": "Onda vase, Sand" }],
        "payment_method": "pm_3f2c8a6e5b1d4f7a9c0e2d4b6a8f1c3e",
    })
}

fn example_address() -> Value {
    json!({
        "name": "Ada Lovelace",
        "line1": "Lindenstraße 1",
        "line2": null,
        "city": "Berlin",
        "postal_code": "10969",
        "country": "DE",
    })
}

fn example_listed() -> Value {
    let mut listed = example();
    listed["open"] = json!(false);
    listed
}

fn example_cancelled() -> Value {
    let mut cancelled = example();
    cancelled["status"] = json!("cancelled");
    cancelled["reason"] = json!(saga::GIVEN_UP);
    cancelled
}

fn example() -> Value {
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "number": "S-7K3M9QXD",
        "status": "completed",
        "email": "ada@example.org",
        "address": example_address(),
        "lines": [{
            "sku": "onda-vase-sand",
            "title": "Onda vase, Sand",
            "quantity": 1,
            "unit_price": euro(4800),
            "total": euro(4800),
        }],
        "subtotal": euro(4800),
        "shipping": { "method": "standard", "name": "Standard delivery", "price": euro(490) },
        "tax": euro(845),
        "total": euro(5290),
        "placed_at": "2030-06-01T10:00:00Z",
        "reason": null,
        "paid_by": "card",
        "action": null,
    })
}
