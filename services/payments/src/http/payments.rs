//! `/payments`

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Context, IdempotencyKey, Json, Limit, Path, Query};
use storage::is_conflict;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use values::Violation;

use super::OptionalJson;
use crate::App;
use crate::domain::{
    Attempt, CapturePayment, Charge, Claim, CreatePayment, MovementKind, MovementStatus, OrderNumber, Payment,
    PaymentError, PaymentStatus, PaymentView,
};
use crate::error::Error;
use crate::payment_service::AUTHORISATION;
use crate::provider::{Refused, Unavailable};
use crate::store::{payment_methods, payments as store};

/// Creates and authorises a payment for an order.
///
/// The money is reserved until the payment is captured or voided.
#[utoipa::path(
    post,
    path = "/payments",
    operation_id = "createPayment",
    params(IdempotencyKey),
    request_body(content = CreatePayment, example = json!({
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "amount": { "minor": 10_190, "currency": "EUR" },
        "payment_method": "pm_3f2c8a6e5b1d4f7a9c0e2d4b6a8f1c3e",
        "return_url": "https://shop.example/orders/01890a5d-ac96-774b-bcce-b302099a8057",
        "order_number": "S-7K3M9QXD",
        "email": "ada@example.org",
        "expires_at": "2030-06-01T10:15:00Z",
    })),
    responses(
        (status = 201, description = "The payment. Its status is `authorised`, or `requires_action`: then redirect the shopper to `redirect_url`. The same request returns the same payment",
            body = PaymentView, example = json!(example("authorised", 0))),
    ),
    extensions(("x-problems" = json!(["card-declined", "invoice-declined", "order-has-payment", "provider-refused", "unavailable", "wrong-state"]))),
)]
pub async fn create(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(request): Json<CreatePayment>,
) -> Result<(StatusCode, Json<PaymentView>), Error> {
    let (payment, claim) = match store::find_by_key(&app.service.db, &key).await? {
        Some(payment) => repeat(payment, &request)?,
        None => begin_in_background(&app, &key, request).await?,
    };
    let payment = match (payment.status, claim.attempt) {
        // The shopper has not seen the page yet, so there is no outcome to retrieve.
        (PaymentStatus::RequiresAction, Attempt::First) => app.service.release(payment).await?,
        (PaymentStatus::Pending | PaymentStatus::RequiresAction, _) => app.service.settle(payment, claim).await?,
        _ => payment,
    };
    respond(&app, payment).map(|payment| (StatusCode::CREATED, Json(payment)))
}

fn repeat(payment: Payment, request: &CreatePayment) -> Result<(Payment, Claim), Error> {
    if payment.is_for(request) {
        Ok((payment, Claim::retry(AUTHORISATION)))
    } else {
        Err(Error::KeyReused)
    }
}

/// Runs in a task of its own, so that what the provider has created is stored even if the caller disconnects.
async fn begin_in_background(
    app: &App,
    key: &IdempotencyKey,
    request: CreatePayment,
) -> Result<(Payment, Claim), Error> {
    let (app, key) = (app.clone(), key.clone());
    let work = async move { begin(&app, &key, request).await };
    Context::current().spawn("payment", work).await?
}

async fn begin(app: &App, key: &IdempotencyKey, request: CreatePayment) -> Result<(Payment, Claim), Error> {
    let service = &app.service;
    let method = payment_methods::find(&service.db, &request.payment_method).await?;
    let method =
        method.ok_or_else(|| Error::Invalid(Violation::new("/payment_method", "There is no such payment method.")))?;
    let provider = service.providers.get(&method.provider)?;
    let now = service.clock.now();
    let charge = Charge {
        payment_id: Uuid::now_v7(),
        order: request.order,
        order_number: request.order_number.clone(),
        amount: request.amount,
        token: method.token.as_ref().map(|card| card.token.clone()),
        return_url: request.return_url.clone(),
        expires_at: request.expires_at,
        due_at: provider.due_at(now),
        email: request.email.clone(),
        client: Context::current().client_network(),
    };
    let initiated = provider.initiate(&charge, now).await?;
    let initiated = initiated.map_err(|Refused(reason)| Error::ProviderRefused(reason))?;
    let payment = Payment::new(charge, method, initiated, now);
    match store::insert(&service.batch, key, &payment, service.lease().until).await {
        Ok(()) => Ok((payment, Claim::first(AUTHORISATION))),
        // Either a concurrent request has used the same key, or the order has another active payment.
        Err(error) if is_conflict(&error) => match store::find_by_key(&service.db, key).await? {
            Some(payment) => repeat(payment, &request),
            None => Err(Error::OrderHasPayment),
        },
        Err(error) => Err(error.into()),
    }
}

/// The answer to the request that created the payment, which stays the same whatever happens later.
fn respond(app: &App, payment: Payment) -> Result<PaymentView, Error> {
    match (payment.declined, payment.status) {
        (Some(decline), _) => Err(Error::Declined(decline)),
        (_, PaymentStatus::Pending) => Err(undecided()),
        (_, status @ (PaymentStatus::Voided | PaymentStatus::Expired)) if payment.authorised == 0 => {
            Err(Error::InvalidTransition(status))
        }
        (_, PaymentStatus::RequiresAction) => Ok(app.service.view(payment)),
        _ => Ok(app.service.view(payment).when_authorised()),
    }
}

fn undecided() -> Error {
    Unavailable::new("the provider has not decided yet").into()
}

/// Filters the payments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListPaymentsQuery {
    /// Lists all payments of the order with this id, the newest first, on one page. The other parameters are ignored.
    order: Option<Uuid>,
    /// Lists all payments of the order with this order number, for example `S-7K3M9QXD`, the newest first, on one page. The
    /// parameters below are ignored.
    #[param(value_type = Option<String>, pattern = "^[!-~]{1,32}$")]
    order_number: Option<OrderNumber>,
    /// If true, lists unpaid invoices only, the earliest due first.
    #[serde(default)]
    #[param(default = false)]
    outstanding: bool,
    /// Lists the payments after the one with this id: the `next` of the previous page.
    after: Option<Uuid>,
    /// The maximum number of payments on a page.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500, default = 100)]
    limit: Limit<100, 500>,
}

/// A page of payments.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentPage {
    /// The payments on this page.
    items: Vec<PaymentView>,
    /// The `after` parameter of the next page. Null on the last page.
    next: Option<Uuid>,
}

/// Lists payments: those of an order, unpaid invoices, or all.
///
/// Without a filter, payments are listed by id, which is their order of creation.
#[utoipa::path(
    get,
    path = "/payments",
    operation_id = "listPayments",
    params(ListPaymentsQuery),
    responses(
        (status = 200, description = "A page of payments", body = PaymentPage,
            example = json!({ "items": [example("captured", 10_190)], "next": null })),
    ),
)]
pub async fn list(State(app): State<App>, Query(query): Query<ListPaymentsQuery>) -> Result<Json<PaymentPage>, Error> {
    let db = &app.service.db;
    let view = |payments: Vec<Payment>| {
        let views = payments.into_iter().map(|payment| app.service.view(payment));
        views.collect()
    };
    let of_order = match (query.order, &query.order_number) {
        (Some(order), _) => Some(store::list_of_order(db, order).await?),
        (None, Some(number)) => Some(store::list_of_order_number(db, number).await?),
        (None, None) => None,
    };
    if let Some(payments) = of_order {
        return Ok(Json(PaymentPage {
            items: view(payments),
            next: None,
        }));
    }
    let (after, limit) = (query.after.unwrap_or_default(), query.limit.rows_and_one());
    let payments = if query.outstanding {
        store::list_outstanding(db, after, limit).await?
    } else {
        store::list(db, after, limit).await?
    };
    let (payments, next) = query.limit.page(payments, Payment::id);
    Ok(Json(PaymentPage {
        items: view(payments),
        next,
    }))
}

/// Returns a payment.
#[utoipa::path(
    get,
    path = "/payments/{id}",
    operation_id = "getPayment",
    params(("id" = Uuid, Path, description = "The payment's id")),
    responses(
        (status = 200, description = "The payment", body = PaymentView, example = json!(example("authorised", 0))),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<PaymentView>, Error> {
    let payment = store::find(&app.service.db, id).await?;
    let payment = payment.ok_or(Error::NotFound("payment"))?;
    Ok(Json(app.service.view(payment)))
}

/// Captures an authorised payment, in full or in part.
///
/// A payment is captured once; the rest is released. Repeating the request with the same amount changes nothing.
#[utoipa::path(
    post,
    path = "/payments/{id}/capture",
    operation_id = "capturePayment",
    params(("id" = Uuid, Path, description = "The payment's id")),
    request_body(content = Option<CapturePayment>, description = "The amount to capture. Without a body, captures the whole authorised amount."),
    responses(
        (status = 200, description = "The captured payment", body = PaymentView, example = json!(example("captured", 10_190))),
    ),
    extensions(("x-problems" = json!(["provider-refused", "unavailable", "wrong-state"]))),
)]
pub async fn capture(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    OptionalJson(request): OptionalJson<CapturePayment>,
) -> Result<Json<PaymentView>, Error> {
    change(&app, id, |payment, now| payment.capture(request.amount, now)).await
}

/// Voids a payment that is not captured.
///
/// The reserved money is released, and the shopper can no longer pay. Repeating the request changes nothing.
#[utoipa::path(
    post,
    path = "/payments/{id}/void",
    operation_id = "voidPayment",
    params(("id" = Uuid, Path, description = "The payment's id")),
    responses(
        (status = 200, description = "The payment. Its status is `voided`, or still `declined` or `expired` if it had already ended without a payment",
            body = PaymentView, example = json!(example("voided", 0))),
    ),
    extensions(("x-problems" = json!(["provider-refused", "unavailable", "wrong-state"]))),
)]
pub async fn void(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<PaymentView>, Error> {
    change(&app, id, Payment::void).await
}

/// Expires a payment, so that the shopper can no longer pay.
///
/// If the shopper has already paid, the payment stays as it is: see the returned `status`. Repeating the request changes nothing.
#[utoipa::path(
    post,
    path = "/payments/{id}/expire",
    operation_id = "expirePayment",
    params(("id" = Uuid, Path, description = "The payment's id")),
    responses(
        (status = 200, description = "The payment. Its status is `expired`, or another one if the payment had already left `pending` and `requires_action`, for example `authorised`",
            body = PaymentView, example = json!(example("expired", 0))),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn expire(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<PaymentView>, Error> {
    let service = &app.service;
    let claim = |payment: &mut Payment| Ok(payment.expire(service.clock.now()));
    let (payment, claim) = store::update(&service.batch, id, service.lease(), claim).await?;
    let payment = match claim {
        Some(claim) => service.settle(payment, claim).await?,
        None => payment,
    };
    match payment.status {
        PaymentStatus::Pending | PaymentStatus::RequiresAction => Err(undecided()),
        _ => Ok(Json(service.view(payment))),
    }
}

/// Claims a movement before it is requested from the provider, so that of a concurrent capture and void one is rejected before
/// the provider receives it.
async fn change(
    app: &App,
    id: Uuid,
    claim: impl FnOnce(&mut Payment, DateTime<Utc>) -> Result<Option<Claim>, PaymentError>,
) -> Result<Json<PaymentView>, Error> {
    let service = &app.service;
    let claim = |payment: &mut Payment| claim(payment, service.clock.now()).map_err(Error::from);
    let (payment, claim) = store::update(&service.batch, id, service.lease(), claim).await?;
    let Some(claim) = claim else {
        return Ok(Json(service.view(payment)));
    };
    let payment = service.settle(payment, claim).await?;
    let status = payment.status;
    let Some(movement) = payment.movement(claim.movement) else {
        return Err(undecided());
    };
    match movement.progress {
        MovementStatus::Done => Ok(Json(service.view(payment))),
        // The payment has ended in another way in the meantime.
        MovementStatus::Refused if movement.kind == MovementKind::Void && status.is_ended_unpaid() => {
            Ok(Json(service.view(payment)))
        }
        MovementStatus::Refused if status == PaymentStatus::Authorised => {
            Err(Error::ProviderRefused(movement.reason.clone().unwrap_or_default()))
        }
        MovementStatus::Refused => Err(Error::InvalidTransition(status)),
        MovementStatus::Pending => Err(undecided()),
    }
}

pub(super) fn example(status: &str, captured: i64) -> Value {
    json!({
        "id": "01890a5d-b4c1-7d2e-8f3a-6b9c0d1e2f3a",
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "order_number": "S-7K3M9QXD",
        "provider": "test",
        "type": "card",
        "amount": { "minor": 10_190, "currency": "EUR" },
        "status": status,
        "captured": { "minor": captured, "currency": "EUR" },
        "refunded": { "minor": 0, "currency": "EUR" },
        "refunds": [],
        "redirect_url": null,
        "card_fingerprint": "Xt5EWLLDS7FJjR1c",
        "created_at": "2026-03-02T09:30:00Z",
    })
}
