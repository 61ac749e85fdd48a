//! `/payments/{id}/refunds`

use axum::extract::State;
use axum::http::StatusCode;
use service::{IdempotencyKey, Json, Path};
use uuid::Uuid;

use super::OptionalJson;
use crate::App;
use crate::domain::{CreateRefund, MovementStatus, Payment, Refund, RefundRequest};
use crate::error::Error;
use crate::store::payments as store;

/// Refunds a captured payment, in full or in part.
#[utoipa::path(
    post,
    path = "/payments/{id}/refunds",
    operation_id = "createRefund",
    params(
        ("id" = Uuid, Path, description = "The payment's id"),
        IdempotencyKey,
    ),
    request_body(content = Option<CreateRefund>, description = "The amount to refund. Without a body, refunds all that is captured and not yet refunded.",
        example = json!({ "amount": { "minor": 4_800, "currency": "EUR" } })),
    responses(
        (status = 201, description = "The new refund. Its status is `done`, or `pending` if the provider needs time: then `GET /payments/{id}` shows later how it ended",
            body = Refund, example = json!({
                "id": "01890a5e-02d7-7c1f-9a3b-5d7e9f1a2b3c",
                "amount": { "minor": 4_800, "currency": "EUR" },
                "status": "done",
                "created_at": "2026-03-02T09:30:00Z",
            })),
    ),
    extensions(("x-problems" = json!(["provider-refused", "unavailable", "wrong-state"]))),
)]
pub async fn create(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    key: IdempotencyKey,
    OptionalJson(CreateRefund { amount }): OptionalJson<CreateRefund>,
) -> Result<(StatusCode, Json<Refund>), Error> {
    let service = &app.service;
    let request = RefundRequest {
        id: Uuid::now_v7(),
        key: key.as_str().to_owned(),
        amount,
    };
    let claim = |payment: &mut Payment| payment.refund(request, service.clock.now()).map_err(Error::from);
    let (payment, claim) = store::update(&service.batch, id, service.lease(), claim).await?;
    let payment = service.settle(payment, claim).await?;
    let movement = payment.movement(claim.movement).ok_or(Error::NotFound("refund"))?;
    match Refund::of(movement, payment.charge.amount.currency()) {
        Some(refund) if refund.status != MovementStatus::Refused => Ok((StatusCode::CREATED, Json(refund))),
        _ => Err(Error::ProviderRefused(movement.reason.clone().unwrap_or_default())),
    }
}
