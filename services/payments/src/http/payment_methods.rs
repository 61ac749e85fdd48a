//! `/payment-methods`

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use service::Json;
use uuid::Uuid;
use values::Violation;

use crate::App;
use crate::domain::card::Card;
use crate::domain::{
    CardSummary, CreatePaymentMethod, PaymentMethod, PaymentMethodId, PaymentMethodType, TokenizedCard,
};
use crate::error::Error;
use crate::provider::{Provider, cards_not_accepted};
use crate::store;

/// Creates a payment method.
///
/// Card number and security code are passed to the provider and not stored.
#[utoipa::path(
    post,
    path = "/payment-methods",
    operation_id = "createPaymentMethod",
    request_body(content = CreatePaymentMethod, example = json!({
        "provider": "test",
        "card": { "number": "4242424242424242", "expiry": "12/49", "cvc": "123", "holder": "Ada Lovelace" },
    })),
    responses(
        (status = 201, description = "The new payment method", body = PaymentMethod, example = json!({
            "id": "pm_3f2c8a6e5b1d4f7a9c0e2d4b6a8f1c3e", "provider": "test", "type": "card",
            "card": { "brand": "visa", "last4": "4242" },
        })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn create(
    State(app): State<App>,
    Json(CreatePaymentMethod { provider, card }): Json<CreatePaymentMethod>,
) -> Result<(StatusCode, Json<PaymentMethod>), Error> {
    let now = app.service.clock.now();
    let offered = app
        .service
        .providers
        .offered(&provider)
        .ok_or_else(|| Error::Invalid(not_offered()))?;
    let method_type = offered.method_type();
    if let Some(violation) = violation(method_type, card.as_ref(), now) {
        return Err(Error::Invalid(violation));
    }
    let token = match &card {
        Some(card) => Some(tokenize(&**offered, card).await?),
        None => None,
    };
    let method = PaymentMethod {
        // Random, because anyone who knows the id can pay with it.
        id: PaymentMethodId::new(Uuid::new_v4()),
        provider,
        method_type,
        card: card.as_ref().map(CardSummary::from),
        token,
    };
    store::payment_methods::insert(&app.service.batch, &method, now).await?;
    Ok((StatusCode::CREATED, Json(method)))
}

fn not_offered() -> Violation {
    Violation::new(
        "/provider",
        "This must be the provider of a payment option: see GET /payment-options.",
    )
}

fn violation(method_type: PaymentMethodType, card: Option<&Card>, now: DateTime<Utc>) -> Option<Violation> {
    match (method_type, card) {
        (PaymentMethodType::Card, Some(card)) => card.violation(now),
        (PaymentMethodType::Card, None) => Some(Violation::new("/card", "This provider needs a card.")),
        (_, Some(_)) => Some(cards_not_accepted()),
        (_, None) => None,
    }
}

async fn tokenize(provider: &dyn Provider, card: &Card) -> Result<TokenizedCard, Error> {
    provider.tokenize(card).await?.map_err(Error::Invalid)
}
