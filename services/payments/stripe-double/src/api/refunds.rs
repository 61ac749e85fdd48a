//! `/v1/refunds`.

use serde::Deserialize;
use serde_json::Value;

use super::list::{self, LIMIT, Page, STARTING_AFTER};
use super::operation::EXPAND;
use crate::behaviour::Refunds;
use crate::currency;
use crate::error::Refusal;
use crate::objects::{Intent, Metadata, Refund, name};
use crate::schema::{Field, Kind, optional, required};
use crate::store::{intents, refunds as store};
use crate::work::Work;

/// What a new one takes.
pub const CREATE: &[Field] = &[
    required("payment_intent", Kind::Text(5000)),
    optional("amount", Kind::Integer(1)),
    optional("metadata", Kind::Metadata),
    optional(
        "reason",
        Kind::Choice(&["duplicate", "fraudulent", "requested_by_customer"]),
    ),
    EXPAND,
];

/// What a list takes.
pub const LIST: &[Field] = &[
    optional("payment_intent", Kind::Text(5000)),
    LIMIT,
    STARTING_AFTER,
    EXPAND,
];

/// Milliseconds after which a refund fails that had succeeded.
const LATER: i64 = 1_000;

#[derive(Debug, Deserialize)]
struct Create {
    payment_intent: String,
    amount: Option<i64>,
    #[serde(default)]
    metadata: Metadata,
    reason: Option<String>,
}

pub async fn find(work: &mut Work, id: &str) -> Result<Refund, Refusal> {
    let refund = store::find(&mut work.tx, id).await?;
    refund.ok_or_else(|| Refusal::no_such("refund", id))
}

pub async fn list(work: &mut Work, params: &Value) -> Result<Value, Refusal> {
    let page = Page::read(params)?;
    let (intent, after) = (params["payment_intent"].as_str(), page.starting_after.as_deref());
    if let Some(id) = intent {
        paid_by(work, id).await?;
    }
    if let Some(id) = after {
        let refund = store::find(&mut work.tx, id).await?;
        refund.ok_or_else(|| Refusal::no_such_param("refund", id, "starting_after"))?;
    }
    let refunds = store::list(&mut work.tx, intent, after, page.limit() + 1).await?;
    let data = refunds.iter().map(Refund::shown).collect();
    Ok(page.shown(data, "/v1/refunds"))
}

async fn paid_by(work: &mut Work, id: &str) -> Result<Intent, Refusal> {
    let intent = intents::find(&mut work.tx, id).await?;
    intent.ok_or_else(|| Refusal::no_such_param("payment_intent", id, "payment_intent"))
}

pub async fn create(work: &mut Work, params: &Value) -> Result<Value, Refusal> {
    let wish: Create = list::read(params)?;
    let mut intent = paid_by(work, &wish.payment_intent).await?;
    let amount = refundable(&intent, wish.amount)?;
    let (status, fails_at) = match work.behaviour.refunds {
        Refunds::Succeeded => ("succeeded", None),
        Refunds::Pending => ("pending", None),
        Refunds::FailedLater => ("succeeded", Some(work.now_ms + LATER)),
    };
    let refund = Refund {
        id: name("re_"),
        created: work.now(),
        payment_intent: intent.id.clone(),
        charge: intent.latest_charge.clone(),
        amount,
        currency: intent.currency.clone(),
        status: status.to_owned(),
        reason: wish.reason,
        metadata: wish.metadata,
        failure_reason: None,
    };
    intent.amount_refunded += amount;
    intents::save(&mut work.tx, &intent).await?;
    store::save(&mut work.tx, &refund, fails_at).await?;
    work.tell("refund.created", refund.shown()).await?;
    work.tell("charge.refunded", intent.charge()).await?;
    Ok(refund.shown())
}

/// How much is given back, if that can be.
fn refundable(intent: &Intent, amount: Option<i64>) -> Result<i64, Refusal> {
    let charge = intent.latest_charge.as_deref().unwrap_or_default();
    if intent.status != "succeeded" {
        let message = format!(
            "This PaymentIntent ({}) does not have a successful charge to refund.",
            intent.id
        );
        return Err(Refusal::invalid(message).param("payment_intent").begun());
    }
    let left = intent.amount_received - intent.amount_refunded;
    if left == 0 {
        let message = format!("Charge {charge} has already been refunded.");
        return Err(Refusal::invalid(message).code("charge_already_refunded").begun());
    }
    let amount = amount.unwrap_or(left);
    currency::check_digits(amount, &intent.currency, "amount")?;
    if amount > left {
        let [amount, left] = [amount, left].map(|amount| currency::shown(amount, &intent.currency));
        let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
        return Err(Refusal::invalid(message).param("amount").begun());
    }
    Ok(amount)
}

/// What becomes of a refund after its answer. Says whether it can.
pub async fn settle(work: &mut Work, mut refund: Refund, has_succeeded: bool) -> Result<Option<Refund>, Refusal> {
    match (refund.status.as_str(), has_succeeded) {
        ("pending", true) => refund.status = String::from("succeeded"),
        ("pending" | "succeeded", false) => {
            refund.status = String::from("failed");
            refund.failure_reason = Some("expired_or_canceled_card".to_owned());
            give_back(work, &refund).await?;
        }
        _ => return Ok(None),
    }
    store::save(&mut work.tx, &refund, None).await?;
    work.tell("refund.updated", refund.shown()).await?;
    if !has_succeeded {
        work.tell("refund.failed", refund.shown()).await?;
    }
    Ok(Some(refund))
}

/// What was not refunded can be refunded again.
async fn give_back(work: &mut Work, refund: &Refund) -> Result<(), Refusal> {
    if let Some(mut intent) = intents::find(&mut work.tx, &refund.payment_intent).await? {
        intent.amount_refunded -= refund.amount;
        intents::save(&mut work.tx, &intent).await?;
    }
    Ok(())
}
