//! `/v1/refunds`.

use serde::Deserialize;
use serde_json::Value;

use super::list::{self, LIMIT, Pagination, STARTING_AFTER};
use super::operation::EXPAND;
use crate::behaviour::Refunds;
use crate::currency;
use crate::error::ApiError;
use crate::objects::{Intent, Metadata, Refund, new_id};
use crate::schema::{Param, ParamType, optional, required};
use crate::store::{intents, refunds as store};
use crate::unit_of_work::UnitOfWork;

/// The parameters of a new refund.
pub const CREATE: &[Param] = &[
    required("payment_intent", ParamType::Text(5000)),
    optional("amount", ParamType::Integer(1)),
    optional("metadata", ParamType::Metadata),
    optional(
        "reason",
        ParamType::Enum(&["duplicate", "fraudulent", "requested_by_customer"]),
    ),
    EXPAND,
];

/// The parameters of a list.
pub const LIST: &[Param] = &[
    optional("payment_intent", ParamType::Text(5000)),
    LIMIT,
    STARTING_AFTER,
    EXPAND,
];

/// Milliseconds after which a succeeded refund fails, with the behaviour `failed_later`.
const FAILS_AFTER_MS: i64 = 1_000;

#[derive(Debug, Deserialize)]
struct CreateRefund {
    payment_intent: String,
    amount: Option<i64>,
    #[serde(default)]
    metadata: Metadata,
    reason: Option<String>,
}

pub async fn find(work: &mut UnitOfWork, id: &str) -> Result<Refund, ApiError> {
    let refund = store::find(&mut work.tx, id).await?;
    refund.ok_or_else(|| ApiError::no_such("refund", id))
}

pub async fn list(work: &mut UnitOfWork, params: &Value) -> Result<Value, ApiError> {
    let page = Pagination::read(params)?;
    let (intent, after) = (params["payment_intent"].as_str(), page.starting_after.as_deref());
    if let Some(id) = intent {
        find_intent(work, id).await?;
    }
    if let Some(id) = after {
        let refund = store::find(&mut work.tx, id).await?;
        refund.ok_or_else(|| ApiError::no_such_param("refund", id, "starting_after"))?;
    }
    let refunds = store::list(&mut work.tx, intent, after, page.limit() + 1).await?;
    let data = refunds.iter().map(Refund::to_json).collect();
    Ok(page.to_json(data, "/v1/refunds"))
}

async fn find_intent(work: &mut UnitOfWork, id: &str) -> Result<Intent, ApiError> {
    let intent = intents::find(&mut work.tx, id).await?;
    intent.ok_or_else(|| ApiError::no_such_param("payment_intent", id, "payment_intent"))
}

pub async fn create(work: &mut UnitOfWork, params: &Value) -> Result<Value, ApiError> {
    let request: CreateRefund = list::read(params)?;
    let mut intent = find_intent(work, &request.payment_intent).await?;
    let amount = refundable(&intent, request.amount)?;
    let (status, fails_at) = match work.behaviour.refunds {
        Refunds::Succeeded => ("succeeded", None),
        Refunds::Pending => ("pending", None),
        Refunds::FailedLater => ("succeeded", Some(work.now_ms + FAILS_AFTER_MS)),
    };
    let refund = Refund {
        id: new_id("re_"),
        created: work.now(),
        payment_intent: intent.id.clone(),
        charge: intent.latest_charge.clone(),
        amount,
        currency: intent.currency.clone(),
        status: status.to_owned(),
        reason: request.reason,
        metadata: request.metadata,
        failure_reason: None,
    };
    intent.amount_refunded += amount;
    intents::save(&mut work.tx, &intent).await?;
    store::save(&mut work.tx, &refund, fails_at).await?;
    work.record_event("refund.created", refund.to_json()).await?;
    work.record_event("charge.refunded", intent.charge()).await?;
    Ok(refund.to_json())
}

/// The amount to refund.
fn refundable(intent: &Intent, amount: Option<i64>) -> Result<i64, ApiError> {
    let charge = intent.latest_charge.as_deref().unwrap_or_default();
    if intent.status != "succeeded" {
        let message = format!(
            "This PaymentIntent ({}) does not have a successful charge to refund.",
            intent.id
        );
        return Err(ApiError::invalid(message).param("payment_intent").stored());
    }
    let remaining = intent.amount_received - intent.amount_refunded;
    if remaining == 0 {
        let message = format!("Charge {charge} has already been refunded.");
        return Err(ApiError::invalid(message).code("charge_already_refunded").stored());
    }
    let amount = amount.unwrap_or(remaining);
    currency::check_digits(amount, &intent.currency, "amount")?;
    if amount > remaining {
        let [amount, remaining] = [amount, remaining].map(|amount| currency::format(amount, &intent.currency));
        let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({remaining})");
        return Err(ApiError::invalid(message).param("amount").stored());
    }
    Ok(amount)
}

/// Settles a refund after it was created. Returns none if it can no longer change.
pub async fn settle(
    work: &mut UnitOfWork,
    mut refund: Refund,
    has_succeeded: bool,
) -> Result<Option<Refund>, ApiError> {
    match (refund.status.as_str(), has_succeeded) {
        ("pending", true) => refund.status = String::from("succeeded"),
        ("pending" | "succeeded", false) => {
            refund.status = String::from("failed");
            refund.failure_reason = Some("expired_or_canceled_card".to_owned());
            restore_amount(work, &refund).await?;
        }
        _ => return Ok(None),
    }
    store::save(&mut work.tx, &refund, None).await?;
    work.record_event("refund.updated", refund.to_json()).await?;
    if !has_succeeded {
        work.record_event("refund.failed", refund.to_json()).await?;
    }
    Ok(Some(refund))
}

/// Makes the amount of a failed refund refundable again.
async fn restore_amount(work: &mut UnitOfWork, refund: &Refund) -> Result<(), ApiError> {
    if let Some(mut intent) = intents::find(&mut work.tx, &refund.payment_intent).await? {
        intent.amount_refunded -= refund.amount;
        intents::save(&mut work.tx, &intent).await?;
    }
    Ok(())
}
