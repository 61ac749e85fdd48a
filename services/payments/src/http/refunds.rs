//! `/payments/{id}/refunds`

use axum::extract::State;
use axum::http::StatusCode;
use service::{IdempotencyKey, Json, Path};
use storage::clock;
use uuid::Uuid;

use super::Optional;
use crate::App;
use crate::domain::{Account, Progress, Refund, RefundRequest, Wish};
use crate::error::Error;
use crate::store::payments as store;

/// Gives money back: all that is left of what was captured, or a part of it.
#[utoipa::path(
    post,
    path = "/payments/{id}/refunds",
    operation_id = "createRefund",
    params(
        ("id" = Uuid, Path),
        IdempotencyKey,
    ),
    request_body(content = Option<RefundRequest>, description = "All that is left where there is no body",
        example = json!({ "amount": { "minor": 4_800, "currency": "EUR" } })),
    responses(
        (status = 201, description = "`done`; or `pending`, and then the payment says later how it ended",
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
    Optional(RefundRequest { amount }): Optional<RefundRequest>,
) -> Result<(StatusCode, Json<Refund>), Error> {
    let desk = &app.desk;
    let wish = Wish {
        id: Uuid::now_v7(),
        key: key.as_str().to_owned(),
        amount,
    };
    let claim = |account: &mut Account| account.refund(wish, clock::now()).map_err(Error::from);
    let (account, claim) = store::update(&desk.batch, id, desk.moment(), claim).await?;
    let account = desk.settle(account, claim).await?;
    let movement = account.movement(claim.0).ok_or(Error::NotFound("refund"))?;
    match Refund::of(movement, account.charge.amount.currency()) {
        Some(refund) if refund.status != Progress::Refused => Ok((StatusCode::CREATED, Json(refund))),
        _ => Err(Error::Refused(movement.reason.clone().unwrap_or_default())),
    }
}
