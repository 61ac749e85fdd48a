//! `/v1/checkout/sessions`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::list;
use super::operation::EXPAND;
use crate::currency;
use crate::error::ApiError;
use crate::objects::{Metadata, Session, new_id};
use crate::schema::{Param, ParamType, optional, required};
use crate::store::{intents, sessions as store};
use crate::unit_of_work::UnitOfWork;

const LOCALES: &[&str] = &[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk",
    "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
];
const PRODUCT_DATA: &[Param] = &[required("name", ParamType::Text(5000))];
const PRICE_DATA: &[Param] = &[
    required("currency", ParamType::Text(5000)),
    required("unit_amount", ParamType::Integer(0)),
    required("product_data", ParamType::Object(PRODUCT_DATA)),
];
const LINE_ITEM: &ParamType = &ParamType::Object(&[
    required("price_data", ParamType::Object(PRICE_DATA)),
    required("quantity", ParamType::Integer(1)),
]);
const PAYMENT_INTENT_DATA: &[Param] = &[
    optional(
        "capture_method",
        ParamType::Enum(&["automatic", "automatic_async", "manual"]),
    ),
    optional("description", ParamType::Text(1000)),
    optional("metadata", ParamType::Metadata),
];

/// The parameters of a new session.
pub const CREATE: &[Param] = &[
    required("mode", ParamType::Enum(&["payment"])),
    required("line_items", ParamType::List(100, LINE_ITEM)),
    required("success_url", ParamType::Url),
    optional("cancel_url", ParamType::Url),
    optional("client_reference_id", ParamType::Text(200)),
    optional("customer_email", ParamType::Email),
    optional("expires_at", ParamType::Integer(0)),
    optional("metadata", ParamType::Metadata),
    optional("payment_intent_data", ParamType::Object(PAYMENT_INTENT_DATA)),
    optional(
        "custom_text",
        ParamType::Object(&[optional(
            "submit",
            ParamType::Object(&[required("message", ParamType::Text(1200))]),
        )]),
    ),
    optional("submit_type", ParamType::Enum(&["auto", "book", "donate", "pay"])),
    optional("locale", ParamType::Enum(LOCALES)),
    EXPAND,
];

/// A request for a session.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
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

impl CreateSession {
    /// The text beside the button.
    pub fn submit_message(&self) -> Option<&str> {
        let submit = self.custom_text.as_ref()?.submit.as_ref()?;
        Some(&submit.message)
    }
}

/// Texts of the shop on the page.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CustomText {
    pub submit: Option<Message>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub message: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LineItem {
    pub price_data: PriceData,
    pub quantity: i64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PriceData {
    pub currency: String,
    pub unit_amount: i64,
    pub product_data: ProductData,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProductData {
    pub name: String,
}

/// The parameters of the session's intent.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentIntentData {
    pub capture_method: Option<String>,
    pub description: Option<String>,
    #[serde(default)]
    pub metadata: Metadata,
}

pub async fn find(work: &mut UnitOfWork, id: &str) -> Result<Session, ApiError> {
    let session = store::find(&mut work.tx, id).await?;
    session.ok_or_else(|| ApiError::no_such("checkout.session", id).param("session"))
}

pub async fn create(work: &mut UnitOfWork, params: &Value, address: &str) -> Result<Value, ApiError> {
    let request: CreateSession = list::read(params)?;
    let (amount_total, currency) = total(&request.line_items)?;
    let id = new_id("cs_test_a1");
    let session = Session {
        url: format!("{address}/c/pay/{id}"),
        id,
        created: work.now(),
        expires_at: expiry(request.expires_at, work.now())?,
        status: "open".to_owned(),
        amount_total,
        currency,
        intent: None,
        email: request.customer_email.clone(),
        is_paid: false,
        params: request,
    };
    store::save(&mut work.tx, &session).await?;
    Ok(session.to_json())
}

/// The total of all items, and its currency.
fn total(items: &[LineItem]) -> Result<(i64, String), ApiError> {
    let too_large = || ApiError::invalid("Amount is too large").code("amount_too_large");
    let (mut sum, mut common) = (0_i64, None);
    for (index, item) in items.iter().enumerate() {
        let path = |name: &str| format!("line_items[{index}][price_data][{name}]");
        let price = &item.price_data;
        currency::check_code(&price.currency, &path("currency"))?;
        currency::check_digits(price.unit_amount, &price.currency, &path("unit_amount"))?;
        if common.get_or_insert(&price.currency) != &&price.currency {
            let message = "All prices on a Checkout Session must be in the same currency.";
            return Err(ApiError::invalid(message).param(path("currency")));
        }
        let cost = price.unit_amount.checked_mul(item.quantity);
        sum = cost.and_then(|cost| sum.checked_add(cost)).ok_or_else(too_large)?;
    }
    let Some(currency) = common else {
        return Err(ApiError::invalid("Missing required param: line_items.")
            .code("parameter_missing")
            .param("line_items"));
    };
    currency::check_total(sum, currency)?;
    Ok((sum, currency.clone()))
}

/// The time of expiry: from 30 minutes to 24 hours from now, 24 hours by default.
fn expiry(requested: Option<i64>, now: i64) -> Result<i64, ApiError> {
    const HOUR: i64 = 60 * 60;
    let refuse = |text: &str| Err(ApiError::invalid(text).param("expires_at"));
    match requested.unwrap_or(now + 24 * HOUR) {
        early if early < now + HOUR / 2 => {
            refuse("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
        }
        late if late > now + 24 * HOUR => {
            refuse("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
        }
        fine => Ok(fine),
    }
}

pub async fn expire(work: &mut UnitOfWork, id: &str) -> Result<Value, ApiError> {
    let session = find(work, id).await?;
    if !session.is_open() {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `{}`.",
            session.status
        );
        return Err(ApiError::invalid(message).stored());
    }
    Ok(close(work, session).await?.to_json())
}

/// Expires an open session, and cancels its intent.
pub async fn close(work: &mut UnitOfWork, mut session: Session) -> Result<Session, ApiError> {
    if let Some(id) = &session.intent
        && let Some(mut intent) = intents::find(&mut work.tx, id).await?
    {
        intent.cancel(Some("expired".to_owned()), work.now());
        intents::save(&mut work.tx, &intent).await?;
        work.record_event("payment_intent.canceled", intent.to_json()).await?;
    }
    session.status = String::from("expired");
    store::save(&mut work.tx, &session).await?;
    work.record_event("checkout.session.expired", session.to_json()).await?;
    Ok(session)
}
