//! `/v1/payment_intents`.

use serde_json::Value;

use super::operation::EXPAND;
use crate::currency;
use crate::error::ApiError;
use crate::objects::Intent;
use crate::schema::{Param, ParamType, optional};
use crate::store::{intents as store, sessions};
use crate::unit_of_work::UnitOfWork;

/// The parameters of a capture.
pub const CAPTURE: &[Param] = &[optional("amount_to_capture", ParamType::Integer(1)), EXPAND];

/// The parameters of a cancellation.
pub const CANCEL: &[Param] = &[
    optional(
        "cancellation_reason",
        ParamType::Enum(&["duplicate", "fraudulent", "requested_by_customer", "abandoned"]),
    ),
    EXPAND,
];

const CANCELABLE: [&str; 5] = [
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
];

pub async fn find(work: &mut UnitOfWork, id: &str) -> Result<Intent, ApiError> {
    let intent = store::find(&mut work.tx, id).await?;
    intent.ok_or_else(|| ApiError::no_such("payment_intent", id).param("intent"))
}

fn unexpected_state(message: String) -> ApiError {
    ApiError::invalid(message)
        .code("payment_intent_unexpected_state")
        .stored()
}

pub async fn capture(work: &mut UnitOfWork, id: &str, params: &Value) -> Result<Value, ApiError> {
    let mut intent = find(work, id).await?;
    if intent.status != "requires_capture" {
        return Err(unexpected_state(format!(
            "This PaymentIntent could not be captured because it has a status of {}. Only a PaymentIntent with one of the \
             following statuses may be captured: requires_capture.",
            intent.status
        )));
    }
    let amount = params["amount_to_capture"].as_i64().unwrap_or(intent.amount_capturable);
    currency::check_digits(amount, &intent.currency, "amount_to_capture")?;
    if amount > intent.amount_capturable {
        let message = "Requested capture amount is greater than the amount you can capture for this charge.";
        let error = ApiError::invalid(message).code("amount_too_large");
        return Err(error.param("amount_to_capture").stored());
    }
    intent.capture(amount);
    store::save(&mut work.tx, &intent).await?;
    if let Some(mut session) = sessions::find(&mut work.tx, &intent.session).await? {
        session.is_paid = true;
        sessions::save(&mut work.tx, &session).await?;
    }
    work.record_event("payment_intent.succeeded", intent.to_json()).await?;
    Ok(intent.to_json())
}

pub async fn cancel(work: &mut UnitOfWork, id: &str, params: &Value) -> Result<Value, ApiError> {
    let mut intent = find(work, id).await?;
    if !CANCELABLE.contains(&intent.status.as_str()) {
        return Err(unexpected_state(format!(
            "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the \
             following statuses may be canceled: {}.",
            intent.status,
            CANCELABLE.join(", ")
        )));
    }
    let session = sessions::find(&mut work.tx, &intent.session).await?;
    if session.is_some_and(|session| session.is_open()) {
        let message = "You can directly cancel the PaymentIntent for a Checkout Session only when the PaymentIntent has a \
                       status of requires_capture. Otherwise, you must expire the Checkout Session.";
        return Err(unexpected_state(message.to_owned()));
    }
    intent.cancel(params["cancellation_reason"].as_str().map(str::to_owned), work.now());
    store::save(&mut work.tx, &intent).await?;
    work.record_event("payment_intent.canceled", intent.to_json()).await?;
    Ok(intent.to_json())
}
