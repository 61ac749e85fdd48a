//! Attempts to pay: the bank's decision, and its effect on session and intent.

use serde_json::{Value, json};

use super::card::{CardBehaviour, Decline, read};
use super::{FieldErrors, Fields};
use crate::error::ApiError;
use crate::objects::{Card, Intent, Session, new_id};
use crate::store::{intents, sessions};
use crate::unit_of_work::UnitOfWork;

/// The outcome of an attempt to pay.
#[derive(Debug)]
pub enum PaymentAttempt {
    Paid,
    AuthenticationRequired,
    Failed(FieldErrors),
}

const UNAUTHENTICATED: &str =
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.";

/// Attempts to pay by card.
pub async fn pay_by_card(
    work: &mut UnitOfWork,
    session: &mut Session,
    fields: &Fields,
    path: &str,
) -> Result<PaymentAttempt, ApiError> {
    let (card, behaviour) = match read(fields, work.now()) {
        Ok(read) => read,
        Err(errors) => return Ok(PaymentAttempt::Failed(errors)),
    };
    session.email = Some(fields.email.trim().to_owned());
    let intent = intent(work, session).await?;
    match behaviour {
        CardBehaviour::Succeeds => pay(work, session, intent, card).await,
        CardBehaviour::RequiresAuthentication => challenge(work, session, intent, card, path).await,
        CardBehaviour::Declines(decline) => {
            let error = card_error(decline, &card, intent.created);
            fail(work, session, intent, error).await?;
            Ok(PaymentAttempt::Failed(FieldErrors::declined(decline.message)))
        }
    }
}

/// Applies the shopper's answer to their bank.
pub async fn answer(
    work: &mut UnitOfWork,
    session: &mut Session,
    is_complete: bool,
) -> Result<PaymentAttempt, ApiError> {
    let intent = intent(work, session).await?;
    let card = intent.card.clone();
    let Some(card) = card.filter(|_| intent.status == "requires_action") else {
        return Ok(PaymentAttempt::Failed(FieldErrors::declined(
            "Your bank has not asked for authentication. Please enter your card.",
        )));
    };
    if is_complete {
        return pay(work, session, intent, card).await;
    }
    let error = json!({
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new \
                    PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_method": payment_method(&card, work.now()),
        "type": "invalid_request_error",
    });
    fail(work, session, intent, error).await?;
    Ok(PaymentAttempt::Failed(FieldErrors::declined(UNAUTHENTICATED)))
}

/// The session's intent, which is created with the first attempt.
async fn intent(work: &mut UnitOfWork, session: &mut Session) -> Result<Intent, ApiError> {
    if let Some(id) = &session.intent
        && let Some(intent) = intents::find(&mut work.tx, id).await?
    {
        return Ok(intent);
    }
    let intent = Intent::new(session, work.now());
    session.intent = Some(intent.id.clone());
    save(work, session, &intent).await?;
    work.record_event("payment_intent.created", intent.to_json()).await?;
    Ok(intent)
}

async fn save(work: &mut UnitOfWork, session: &Session, intent: &Intent) -> Result<(), ApiError> {
    sessions::save(&mut work.tx, session).await?;
    intents::save(&mut work.tx, intent).await?;
    Ok(())
}

async fn pay(
    work: &mut UnitOfWork,
    session: &mut Session,
    mut intent: Intent,
    card: Card,
) -> Result<PaymentAttempt, ApiError> {
    intent.email.clone_from(&session.email);
    intent.pay(card);
    session.status = String::from("complete");
    session.is_paid = !intent.is_manual();
    save(work, session, &intent).await?;
    let event_type = if intent.is_manual() {
        "payment_intent.amount_capturable_updated"
    } else {
        "payment_intent.succeeded"
    };
    work.record_event(event_type, intent.to_json()).await?;
    work.record_event("checkout.session.completed", session.to_json())
        .await?;
    Ok(PaymentAttempt::Paid)
}

async fn challenge(
    work: &mut UnitOfWork,
    session: &Session,
    mut intent: Intent,
    card: Card,
    path: &str,
) -> Result<PaymentAttempt, ApiError> {
    let address = session.url.split("/c/pay/").next().unwrap_or_default();
    intent.require_action(card, &format!("{address}{path}"));
    save(work, session, &intent).await?;
    work.record_event("payment_intent.requires_action", intent.to_json())
        .await?;
    Ok(PaymentAttempt::AuthenticationRequired)
}

async fn fail(work: &mut UnitOfWork, session: &Session, mut intent: Intent, error: Value) -> Result<(), ApiError> {
    intent.fail(error);
    save(work, session, &intent).await?;
    work.record_event("payment_intent.payment_failed", intent.to_json())
        .await?;
    Ok(())
}

fn card_error(decline: Decline, card: &Card, now: i64) -> Value {
    let mut error = json!({
        "charge": new_id("ch_"),
        "code": decline.code,
        "doc_url": format!("https://stripe.com/docs/error-codes/{}", decline.code.replace('_', "-")),
        "message": decline.message,
        "payment_method": payment_method(card, now),
        "type": "card_error",
    });
    if let Some(code) = decline.reason {
        error["decline_code"] = code.into();
    }
    error
}

/// The payment method of the attempt.
fn payment_method(card: &Card, now: i64) -> Value {
    json!({
        "id": new_id("pm_"),
        "object": "payment_method",
        "card": {
            "brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year
        },
        "created": now,
        "customer": null,
        "livemode": false,
        "metadata": {},
        "type": "card",
    })
}
