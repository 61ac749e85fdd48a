//! `/payments`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Context, IdempotencyKey, Json, Limit, Path, Query};
use storage::{clock, is_conflict};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Optional;
use crate::App;
use crate::desk::AUTHORISE;
use crate::domain::{
    Account, Attempt, CaptureRequest, Charge, Claim, Kind, Objection, OrderNumber, Payment, Progress, Request, Status,
    Violation,
};
use crate::error::Error;
use crate::provider::{Refused, Unavailable};
use crate::store::{payment_methods, payments as store};

/// Authorises a payment: the bank holds the money back.
#[utoipa::path(
    post,
    path = "/payments",
    operation_id = "createPayment",
    params(IdempotencyKey),
    request_body(content = Request, example = json!({
        "order": "01890a5d-ac96-774b-bcce-b302099a8057",
        "amount": { "minor": 10_190, "currency": "EUR" },
        "payment_method": "pm_3f2c8a6e5b1d4f7a9c0e2d4b6a8f1c3e",
        "return_url": "https://shop.example/orders/01890a5d-ac96-774b-bcce-b302099a8057",
        "order_number": "S-7K3M9QXD",
        "email": "ada@example.org",
        "expires_at": "2030-06-01T10:15:00Z",
    })),
    responses(
        (status = 201, description = "`authorised`; or `requires_action`: the shopper is to be sent to `action.url`",
            body = Payment, example = json!(example("authorised", 0))),
    ),
    extensions(("x-problems" = json!(["card-declined", "invoice-declined", "order-has-payment", "provider-refused", "unavailable", "wrong-state"]))),
)]
pub async fn create(
    State(app): State<App>,
    key: IdempotencyKey,
    Json(request): Json<Request>,
) -> Result<(StatusCode, Json<Payment>), Error> {
    let (account, claim) = match store::find_by_key(&app.desk.db, &key).await? {
        Some(account) => again(account, &request)?,
        None => begun(&app, &key, request).await?,
    };
    let account = match (account.status, claim.1) {
        // The shopper is not there yet, so there is nothing to ask.
        (Status::RequiresAction, Attempt::First) => app.desk.leave(account).await?,
        (Status::Pending | Status::RequiresAction, _) => app.desk.settle(account, claim).await?,
        _ => account,
    };
    answer(&app, account).map(|payment| (StatusCode::CREATED, Json(payment)))
}

fn again(account: Account, request: &Request) -> Result<(Account, Claim), Error> {
    if account.is_for(request) {
        Ok((account, (AUTHORISE, Attempt::Retry)))
    } else {
        Err(Error::KeyReused)
    }
}

/// Goes on when the caller hangs up: what the provider has made is written down.
async fn begun(app: &App, key: &IdempotencyKey, request: Request) -> Result<(Account, Claim), Error> {
    let (app, key) = (app.clone(), key.clone());
    let work = async move { begin(&app, &key, request).await };
    let begun = Context::current().spawn("payment", work).await;
    begun.unwrap_or_else(|error| Err(Unavailable::new(error).into()))
}

async fn begin(app: &App, key: &IdempotencyKey, request: Request) -> Result<(Account, Claim), Error> {
    let desk = &app.desk;
    let method = payment_methods::find(&desk.db, &request.payment_method).await?;
    let method = method.ok_or(Error::Invalid(Violation {
        pointer: "/payment_method",
        detail: "There is no such payment method.",
    }))?;
    let provider = desk.providers.of(&method.provider)?;
    let now = clock::now();
    let charge = Charge {
        reference: Uuid::now_v7(),
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
    let initiated = provider.initiate(&charge).await?;
    let initiated = initiated.map_err(|Refused(cause)| Error::Refused(cause))?;
    let account = Account::new(charge, method, initiated, now);
    match store::insert(&desk.batch, key, &account, desk.moment().until).await {
        Ok(()) => Ok((account, (AUTHORISE, Attempt::First))),
        // Two requests with one key raced; or else the order has a live payment.
        Err(error) if is_conflict(&error) => match store::find_by_key(&desk.db, key).await? {
            Some(account) => again(account, &request),
            None => Err(Error::OrderHasPayment),
        },
        Err(error) => Err(error.into()),
    }
}

/// The answer to the request that began it, whatever came later.
fn answer(app: &App, account: Account) -> Result<Payment, Error> {
    match (account.declined, account.status) {
        (Some(decline), _) => Err(Error::Declined(decline)),
        (_, Status::Pending) => Err(Unavailable::new("it has not decided yet").into()),
        (_, status @ (Status::Voided | Status::Expired)) if account.authorised == 0 => Err(Error::WrongState(status)),
        (_, Status::RequiresAction) => Ok(app.desk.show(account)),
        _ => Ok(app.desk.show(account).at_first()),
    }
}

/// Which payments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Those of this order, the newest first: all of them
    order: Option<Uuid>,
    /// Those of the order that people call so, likewise: whoever sees a transfer finds its payment
    #[param(value_type = Option<String>, pattern = "^[!-~]{1,32}$")]
    order_number: Option<OrderNumber>,
    /// Only invoices that are not paid yet, the longest due first
    #[serde(default)]
    owed: bool,
    /// Of all, those after this one: the `next` of the page before
    after: Option<Uuid>,
    /// So many at most
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500, default = 100)]
    limit: Limit<100, 500>,
}

/// A page of payments.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    /// The payments
    items: Vec<Payment>,
    /// Where the next page begins; null on the last
    next: Option<Uuid>,
}

/// Lists the payments of an order, or a page of all of them in the order of their ids: the oldest first.
#[utoipa::path(
    get,
    path = "/payments",
    operation_id = "listPayments",
    params(Wanted),
    responses(
        (status = 200, body = Page, example = json!({ "items": [example("captured", 10_190)], "next": null })),
    ),
)]
pub async fn list(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Page>, Error> {
    let db = &app.desk.db;
    let show = |accounts: Vec<Account>| accounts.into_iter().map(|account| app.desk.show(account)).collect();
    let all = match (wanted.order, &wanted.order_number) {
        (Some(order), _) => Some(store::list_of_order(db, order).await?),
        (None, Some(number)) => Some(store::list_of_order_number(db, number).await?),
        (None, None) => None,
    };
    if let Some(all) = all {
        return Ok(Json(Page {
            items: show(all),
            next: None,
        }));
    }
    // One more tells whether there is another page.
    let (after, limit) = (wanted.after.unwrap_or_default(), wanted.limit.rows() + 1);
    let mut accounts = if wanted.owed {
        store::list_owed(db, after, limit).await?
    } else {
        store::list(db, after, limit).await?
    };
    let is_last = wanted.limit.cut(&mut accounts);
    let next = accounts
        .last()
        .filter(|_| !is_last)
        .map(|account| account.charge.reference);
    Ok(Json(Page {
        items: show(accounts),
        next,
    }))
}

/// Gets a payment.
#[utoipa::path(
    get,
    path = "/payments/{id}",
    operation_id = "getPayment",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Payment, example = json!(example("authorised", 0))),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Payment>, Error> {
    let account = store::find(&app.desk.db, id).await?;
    let account = account.ok_or(Error::NotFound("payment"))?;
    Ok(Json(app.desk.show(account)))
}

/// Takes the money, or a part of it, and lets go of the rest. Once; doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/payments/{id}/capture",
    operation_id = "capturePayment",
    params(("id" = Uuid, Path)),
    request_body(content = Option<CaptureRequest>, description = "All of it where there is no body"),
    responses(
        (status = 200, body = Payment, example = json!(example("captured", 10_190))),
    ),
    extensions(("x-problems" = json!(["provider-refused", "unavailable", "wrong-state"]))),
)]
pub async fn capture(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Optional(request): Optional<CaptureRequest>,
) -> Result<Json<Payment>, Error> {
    change(&app, id, |account| account.capture(request.amount, clock::now())).await
}

/// Lets the money go, or sees to it that none is held back. Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/payments/{id}/void",
    operation_id = "voidPayment",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "`voided`; or `declined`, where nothing was held back",
            body = Payment, example = json!(example("voided", 0))),
    ),
    extensions(("x-problems" = json!(["provider-refused", "unavailable", "wrong-state"]))),
)]
pub async fn void(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Payment>, Error> {
    change(&app, id, |account| account.void(clock::now())).await
}

/// Sees to it that the shopper can no longer pay, unless they have: `status` says which. Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/payments/{id}/expire",
    operation_id = "expirePayment",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "`expired`; or whatever it was before, such as `authorised`",
            body = Payment, example = json!(example("expired", 0))),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn expire(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Payment>, Error> {
    let desk = &app.desk;
    let claim = |account: &mut Account| Ok(account.expire(clock::now()));
    let (account, claim) = store::update(&desk.batch, id, desk.moment(), claim).await?;
    let account = match claim {
        Some(claim) => desk.settle(account, claim).await?,
        None => account,
    };
    match account.status {
        Status::Pending | Status::RequiresAction => Err(Unavailable::new("it has not decided yet").into()),
        _ => Ok(Json(desk.show(account))),
    }
}

/// Claimed first, then asked for, then noted: of a capture and a void at once, one is refused before
/// the provider hears of it.
async fn change(
    app: &App,
    id: Uuid,
    claim: impl FnOnce(&mut Account) -> Result<Option<Claim>, Objection>,
) -> Result<Json<Payment>, Error> {
    let desk = &app.desk;
    let claim = |account: &mut Account| claim(account).map_err(Error::from);
    let (account, claim) = store::update(&desk.batch, id, desk.moment(), claim).await?;
    let Some(claim) = claim else {
        return Ok(Json(desk.show(account)));
    };
    let account = desk.settle(account, claim).await?;
    let status = account.status;
    let is_void = account
        .movement(claim.0)
        .is_some_and(|movement| movement.kind == Kind::Void);
    match account
        .movement(claim.0)
        .map(|movement| (movement.progress, &movement.reason))
    {
        Some((Progress::Done, _)) => Ok(Json(desk.show(account))),
        // What the provider told meanwhile was as good.
        Some((Progress::Refused, _)) if is_void && status.is_nothing() => Ok(Json(desk.show(account))),
        Some((Progress::Refused, reason)) if status == Status::Authorised => {
            Err(Error::Refused(reason.clone().unwrap_or_default()))
        }
        Some((Progress::Refused, _)) => Err(Error::WrongState(status)),
        _ => Err(Unavailable::new("it has not decided yet").into()),
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
        "card_fingerprint": "Xt5EWLLDS7FJjR1c",
        "created_at": "2026-03-02T09:30:00Z",
    })
}
