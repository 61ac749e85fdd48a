//! `/orders`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Context, IdempotencyKey, Json, Limit, LongPoll, Path, Query};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::App;
use crate::domain::{CreateOrder, Order};
use crate::error::Error;
use crate::placement::Placement;
use crate::rejection;
use crate::store::orders as store;

#[derive(Debug, Deserialize, IntoParams)]
pub struct ListOrdersQuery {
    /// List orders placed after the order with this id: the `next` of the previous page. Ignored with `cart` or `key`.
    after: Option<Uuid>,
    /// Maximum number of orders.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 100)]
    limit: Limit<100, 100>,
    /// List only the order that was placed under this `Idempotency-Key`. All other parameters are ignored.
    key: Option<String>,
    /// List only the orders of this cart, the newest first.
    cart: Option<Uuid>,
    /// `true`: list only orders that the shop is still working on. `false`: list only orders that it is not. See the field `in_progress`.
    in_progress: Option<bool>,
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderPage {
    items: Vec<ListedOrder>,
    /// The `after` of the next page; null if this is the last one.
    next: Option<Uuid>,
}

/// An order, and whether it is in progress.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedOrder {
    #[serde(flatten)]
    order: Order,
    /// Whether the order is in progress: the shop is still placing, completing or undoing it.
    in_progress: bool,
}

impl From<Placement> for ListedOrder {
    fn from(placement: Placement) -> Self {
        Self {
            order: placement.order,
            in_progress: placement.in_progress,
        }
    }
}

/// Lists all orders, the oldest first, or those of a cart, the newest first.
#[utoipa::path(
    get,
    path = "/orders",
    operation_id = "listOrders",
    params(ListOrdersQuery),
    responses(
        (status = 200, description = "A page of orders", body = OrderPage, example = json!({ "items": [example_listed()], "next": null })),
    ),
)]
pub async fn list(State(app): State<App>, Query(query): Query<ListOrdersQuery>) -> Result<Json<OrderPage>, Error> {
    let ListOrdersQuery { limit, in_progress, .. } = query;
    let (placements, next) = if let Some(key) = &query.key {
        (find_by_key(&app, key).await?.into_iter().collect(), None)
    } else if let Some(cart) = query.cart {
        (store::list_of_cart(&app.db, cart, in_progress, limit).await?, None)
    } else {
        let placements = store::list(&app.db, query.after, in_progress, limit).await?;
        limit.page(placements, |last| last.order.id)
    };
    let items = placements.into_iter().map(ListedOrder::from).collect();
    Ok(Json(OrderPage { items, next }))
}

async fn find_by_key(app: &App, key: &str) -> Result<Option<Placement>, Error> {
    // A header cannot hold a NUL, and PostgreSQL refuses it in a text.
    if key.contains('\0') {
        return Ok(None);
    }
    Ok(match store::find_by_key(&app.db, key).await? {
        Some(id) => store::find(&app.db, id).await?,
        None => None,
    })
}

/// Creates an order from a signed quote. An order of the same cart that is `awaiting_payment` is cancelled first.
#[utoipa::path(
    post,
    path = "/orders",
    operation_id = "createOrder",
    params(IdempotencyKey),
    request_body(content = CreateOrder, example = json!(example_request())),
    responses(
        (status = 201, description = "The order is confirmed or completed", body = Order, example = json!(example())),
        (status = 202, description = "The order is still being placed: poll `GET /orders/{id}`. If it is `awaiting_payment`, redirect the shopper to its `redirect_url`, to pay on the provider's page (`paid_by` is `hosted_page`) or to confirm the payment with their bank", body = Order),
    ),
    extensions(("x-problems" = json!(["cancelled", "card-declined", "cart-ordered", "in-progress", "invoice-declined", "out-of-stock", "payment-expired", "quote-expired", "quote-used", "too-many-requests", "unavailable"]))),
)]
pub async fn create(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(request): Json<CreateOrder>,
) -> Result<(StatusCode, Json<Order>), Error> {
    // A task of its own, without the caller's deadline: a caller that hangs up does not stop the order half-way.
    let context = Context::current().without_deadline();
    let (saga, task_key, task_request) = (app.saga.clone(), key.clone(), request.clone());
    let place = async move { saga.place(&task_key, &task_request).await };
    let mut task = context.spawn("order", place);
    let Ok(placed) = tokio::time::timeout(app.answer_timeout, &mut task).await else {
        return still_in_progress(&app, &key, &request).await;
    };
    let Placement { order, rejection, .. } = placed.map_err(|error| Error::Internal(error.into()))??;
    match rejection {
        Some(rejection) => Err(Error::Unsuccessful(rejection)),
        None if order.status.is_accepted() => Ok((StatusCode::CREATED, Json(order))),
        // It awaits payment.
        None => Ok((StatusCode::ACCEPTED, Json(order))),
    }
}

/// The answer if placing the order takes longer than a caller waits.
async fn still_in_progress(
    app: &App,
    key: &IdempotencyKey,
    request: &CreateOrder,
) -> Result<(StatusCode, Json<Order>), Error> {
    let id = store::find_by_request(&app.db, key, request).await?;
    let placement = store::find(&app.db, id.ok_or(Error::InProgress)?).await?;
    let order = placement.ok_or(Error::InProgress)?.order;
    Ok((StatusCode::ACCEPTED, Json(order)))
}

/// Gets an order. With `if-none-match` and `prefer: wait=`, the answer waits for the next change of the order.
#[utoipa::path(
    get,
    path = "/orders/{id}",
    operation_id = "getOrder",
    params(
        ("id" = Uuid, Path),
        LongPoll,
    ),
    responses(
        (status = 200, description = "The order", body = Order, headers(("etag" = String, description = "Identifies this state of the order")), example = json!(example())),
        (status = 304, description = "The order has not changed"),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>, mut poll: LongPoll) -> Result<Response, Error> {
    // Listens from here on, so that no change between a read and the wait is missed.
    let mut changes = app.outbox.changes();
    loop {
        let placement = store::find(&app.db, id).await?;
        let order = placement.ok_or(Error::NotFound("order"))?.order;
        if let Some(answer) = poll.answer(&order) {
            return Ok(answer);
        }
        poll.wait(changes.changed()).await;
    }
}

/// Body of a request to cancel an order.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CancelOrder {
    /// The id of the cart that the order was placed from. It authorises the request: with another id, the answer is 404.
    cart: Uuid,
}

/// Cancels an order that is not confirmed yet, such as one that is `awaiting_payment`. Nothing is charged, even if the bank
/// approves the payment later. Cancelling an order again has no effect.
#[utoipa::path(
    post,
    path = "/orders/{id}/cancellation",
    operation_id = "cancelOrder",
    params(("id" = Uuid, Path)),
    request_body(content = CancelOrder, example = json!({ "cart": "9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42" })),
    responses(
        (status = 200, description = "The order, which is `cancelled`, `rejected` or `failed`", body = Order, example = json!(example_cancelled())),
    ),
    extensions(("x-problems" = json!(["in-progress", "order-decided"]))),
)]
pub async fn cancel(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(CancelOrder { cart }): Json<CancelOrder>,
) -> Result<Json<Order>, Error> {
    let placement = store::find(&app.db, id).await?;
    if placement.and_then(|placement| placement.cart) != Some(cart) {
        return Err(Error::NotFound("order"));
    }
    // A caller that hangs up does not stop the cancellation half-way.
    let context = Context::current().without_deadline();
    let cancel = async move { app.saga.cancel(id).await };
    let task = context.spawn("cancellation", cancel);
    let Placement { order, .. } = task.await.map_err(|error| Error::Internal(error.into()))??;
    if order.status.is_accepted() {
        Err(Error::OrderDecided)
    } else {
        Ok(Json(order))
    }
}

/// Its quote is the example of pricing's contract, which the example of its keys verifies.
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
    listed["in_progress"] = json!(false);
    listed
}

fn example_cancelled() -> Value {
    let mut cancelled = example();
    cancelled["status"] = json!("cancelled");
    cancelled["reason"] = json!(rejection::CANCELLED_BY_SHOPPER);
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
        "redirect_url": null,
    })
}
