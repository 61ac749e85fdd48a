//! What the shopper's bank says, and what becomes of session and intent.

use serde_json::{Value, json};

use super::card::{Decline, Verdict, read};
use super::{Fields, Flaws};
use crate::error::Refusal;
use crate::objects::{Card, Intent, Session, name};
use crate::store::{intents, sessions};
use crate::work::Work;

/// How an attempt went.
#[derive(Debug)]
pub enum Outcome {
    Paid,
    /// The bank wants to hear from the shopper.
    Asked,
    Wrong(Flaws),
}

const UNAUTHENTICATED: &str =
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.";

/// Asks the bank of a card to pay.
pub async fn ask(work: &mut Work, session: &mut Session, fields: &Fields, path: &str) -> Result<Outcome, Refusal> {
    let (card, verdict) = match read(fields, work.now()) {
        Ok(read) => read,
        Err(flaws) => return Ok(Outcome::Wrong(flaws)),
    };
    session.email = Some(fields.email.trim().to_owned());
    let intent = intent(work, session).await?;
    match verdict {
        Verdict::Pays => pay(work, session, intent, card).await,
        Verdict::Asks => challenge(work, session, intent, card, path).await,
        Verdict::Declines(decline) => {
            let error = declined(decline, &card, intent.created);
            fail(work, session, intent, error).await?;
            Ok(Outcome::Wrong(Flaws::declined(decline.text)))
        }
    }
}

/// Hears what the shopper says to the bank.
pub async fn answer(work: &mut Work, session: &mut Session, is_complete: bool) -> Result<Outcome, Refusal> {
    let intent = intent(work, session).await?;
    let card = intent.card.clone();
    let Some(card) = card.filter(|_| intent.status == "requires_action") else {
        return Ok(Outcome::Wrong(Flaws::declined(
            "Nobody has asked. Please enter your card.",
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
        "payment_method": method(&card, work.now()),
        "type": "invalid_request_error",
    });
    fail(work, session, intent, error).await?;
    Ok(Outcome::Wrong(Flaws::declined(UNAUTHENTICATED)))
}

/// The session's intent, made with the first attempt.
async fn intent(work: &mut Work, session: &mut Session) -> Result<Intent, Refusal> {
    if let Some(id) = &session.intent
        && let Some(intent) = intents::find(&mut work.tx, id).await?
    {
        return Ok(intent);
    }
    let intent = Intent::new(session, work.now());
    session.intent = Some(intent.id.clone());
    save(work, session, &intent).await?;
    work.tell("payment_intent.created", intent.shown()).await?;
    Ok(intent)
}

async fn save(work: &mut Work, session: &Session, intent: &Intent) -> Result<(), Refusal> {
    sessions::save(&mut work.tx, session).await?;
    intents::save(&mut work.tx, intent).await?;
    Ok(())
}

async fn pay(work: &mut Work, session: &mut Session, mut intent: Intent, card: Card) -> Result<Outcome, Refusal> {
    intent.email.clone_from(&session.email);
    intent.pay(card);
    session.status = String::from("complete");
    session.is_paid = !intent.is_manual();
    save(work, session, &intent).await?;
    let news = if intent.is_manual() {
        "payment_intent.amount_capturable_updated"
    } else {
        "payment_intent.succeeded"
    };
    work.tell(news, intent.shown()).await?;
    work.tell("checkout.session.completed", session.shown()).await?;
    Ok(Outcome::Paid)
}

async fn challenge(
    work: &mut Work,
    session: &Session,
    mut intent: Intent,
    card: Card,
    path: &str,
) -> Result<Outcome, Refusal> {
    let address = session.url.split("/c/pay/").next().unwrap_or_default();
    intent.ask(card, &format!("{address}{path}"));
    save(work, session, &intent).await?;
    work.tell("payment_intent.requires_action", intent.shown()).await?;
    Ok(Outcome::Asked)
}

async fn fail(work: &mut Work, session: &Session, mut intent: Intent, error: Value) -> Result<(), Refusal> {
    intent.fail(error);
    save(work, session, &intent).await?;
    work.tell("payment_intent.payment_failed", intent.shown()).await?;
    Ok(())
}

fn declined(decline: Decline, card: &Card, now: i64) -> Value {
    let mut error = json!({
        "charge": name("ch_"),
        "code": decline.code,
        "doc_url": format!("https://stripe.com/docs/error-codes/{}", decline.code.replace('_', "-")),
        "message": decline.text,
        "payment_method": method(card, now),
        "type": "card_error",
    });
    if let Some(code) = decline.reason {
        error["decline_code"] = code.into();
    }
    error
}

/// The payment method that was tried.
fn method(card: &Card, now: i64) -> Value {
    json!({
        "id": name("pm_"),
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
