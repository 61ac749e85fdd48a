//! `/v1/checkout/sessions`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::list;
use super::operation::EXPAND;
use crate::currency;
use crate::error::Refusal;
use crate::objects::{Metadata, Session, name};
use crate::schema::{Field, Kind, optional, required};
use crate::store::{intents, sessions as store};
use crate::work::Work;

const LOCALES: &[&str] = &[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk",
    "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
];
const PRODUCT_DATA: &[Field] = &[required("name", Kind::Text(5000))];
const PRICE_DATA: &[Field] = &[
    required("currency", Kind::Text(5000)),
    required("unit_amount", Kind::Integer(0)),
    required("product_data", Kind::Object(PRODUCT_DATA)),
];
const LINE_ITEM: &Kind = &Kind::Object(&[
    required("price_data", Kind::Object(PRICE_DATA)),
    required("quantity", Kind::Integer(1)),
]);
const PAYMENT_INTENT_DATA: &[Field] = &[
    optional(
        "capture_method",
        Kind::Choice(&["automatic", "automatic_async", "manual"]),
    ),
    optional("description", Kind::Text(1000)),
    optional("metadata", Kind::Metadata),
];

/// What a new one takes.
pub const CREATE: &[Field] = &[
    required("mode", Kind::Choice(&["payment"])),
    required("line_items", Kind::List(100, LINE_ITEM)),
    required("success_url", Kind::Url),
    optional("cancel_url", Kind::Url),
    optional("client_reference_id", Kind::Text(200)),
    optional("customer_email", Kind::Email),
    optional("expires_at", Kind::Integer(0)),
    optional("metadata", Kind::Metadata),
    optional("payment_intent_data", Kind::Object(PAYMENT_INTENT_DATA)),
    optional(
        "custom_text",
        Kind::Object(&[optional(
            "submit",
            Kind::Object(&[required("message", Kind::Text(1200))]),
        )]),
    ),
    optional("submit_type", Kind::Choice(&["auto", "book", "donate", "pay"])),
    optional("locale", Kind::Choice(LOCALES)),
    EXPAND,
];

/// A wish for a session.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    pub mode: String,
    pub line_items: Vec<LineItem>,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub client_reference_id: Option<String>,
    pub customer_email: Option<String>,
    pub expires_at: Option<i64>,
    #[serde(default)]
    pub metadata: Metadata,
    #[serde(default)]
    pub payment_intent_data: PaymentIntentData,
    pub custom_text: Option<CustomText>,
    pub submit_type: Option<String>,
    pub locale: Option<String>,
    #[serde(default)]
    pub expand: Vec<String>,
}

impl Create {
    /// What the shop says at the button.
    pub fn words(&self) -> Option<&str> {
        let submit = self.custom_text.as_ref()?.submit.as_ref()?;
        Some(&submit.message)
    }
}

/// Words of the shop's on the page.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CustomText {
    pub submit: Option<Message>,
}

/// Some words.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub message: String,
}

/// What is bought, and how often.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LineItem {
    pub price_data: PriceData,
    pub quantity: i64,
}

/// What one of it costs.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PriceData {
    pub currency: String,
    pub unit_amount: i64,
    pub product_data: ProductData,
}

/// What it is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProductData {
    pub name: String,
}

/// What its intent will be.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentIntentData {
    pub capture_method: Option<String>,
    pub description: Option<String>,
    #[serde(default)]
    pub metadata: Metadata,
}

pub async fn find(work: &mut Work, id: &str) -> Result<Session, Refusal> {
    let session = store::find(&mut work.tx, id).await?;
    session.ok_or_else(|| Refusal::no_such("checkout.session", id).param("session"))
}

pub async fn create(work: &mut Work, params: &Value, address: &str) -> Result<Value, Refusal> {
    let wish: Create = list::read(params)?;
    let (amount_total, currency) = total(&wish.line_items)?;
    let id = name("cs_test_a1");
    let session = Session {
        url: format!("{address}/c/pay/{id}"),
        id,
        created: work.now(),
        expires_at: expiry(wish.expires_at, work.now())?,
        status: "open".to_owned(),
        amount_total,
        currency,
        intent: None,
        email: wish.customer_email.clone(),
        is_paid: false,
        wish,
    };
    store::save(&mut work.tx, &session).await?;
    Ok(session.shown())
}

/// What all items cost together.
fn total(items: &[LineItem]) -> Result<(i64, String), Refusal> {
    let too_large = || Refusal::invalid("Amount is too large").code("amount_too_large");
    let (mut sum, mut common) = (0_i64, None);
    for (place, item) in items.iter().enumerate() {
        let path = |name: &str| format!("line_items[{place}][price_data][{name}]");
        let price = &item.price_data;
        currency::check_code(&price.currency, &path("currency"))?;
        currency::check_digits(price.unit_amount, &price.currency, &path("unit_amount"))?;
        if common.get_or_insert(&price.currency) != &&price.currency {
            let message = "All prices on a Checkout Session must be in the same currency.";
            return Err(Refusal::invalid(message).param(path("currency")));
        }
        let cost = price.unit_amount.checked_mul(item.quantity);
        sum = cost.and_then(|cost| sum.checked_add(cost)).ok_or_else(too_large)?;
    }
    let Some(currency) = common else {
        return Err(Refusal::invalid("Missing required param: line_items.")
            .code("parameter_missing")
            .param("line_items"));
    };
    currency::check_total(sum, currency)?;
    Ok((sum, currency.clone()))
}

/// When it expires: from half an hour to a day from now, a day if nobody says.
fn expiry(wish: Option<i64>, now: i64) -> Result<i64, Refusal> {
    const HOUR: i64 = 60 * 60;
    let refuse = |text: &str| Err(Refusal::invalid(text).param("expires_at"));
    match wish.unwrap_or(now + 24 * HOUR) {
        early if early < now + HOUR / 2 => {
            refuse("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
        }
        late if late > now + 24 * HOUR => {
            refuse("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
        }
        fine => Ok(fine),
    }
}

pub async fn expire(work: &mut Work, id: &str) -> Result<Value, Refusal> {
    let session = find(work, id).await?;
    if !session.is_open() {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `{}`.",
            session.status
        );
        return Err(Refusal::invalid(message).begun());
    }
    Ok(close(work, session).await?.shown())
}

/// Closes an open session that nobody will pay, and its intent.
pub async fn close(work: &mut Work, mut session: Session) -> Result<Session, Refusal> {
    if let Some(id) = &session.intent
        && let Some(mut intent) = intents::find(&mut work.tx, id).await?
    {
        intent.cancel(Some("expired".to_owned()), work.now());
        intents::save(&mut work.tx, &intent).await?;
        work.tell("payment_intent.canceled", intent.shown()).await?;
    }
    session.status = String::from("expired");
    store::save(&mut work.tx, &session).await?;
    work.tell("checkout.session.expired", session.shown()).await?;
    Ok(session)
}
