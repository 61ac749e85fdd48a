//! `/payment-methods`

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use service::Json;
use storage::clock;
use uuid::Uuid;

use crate::App;
use crate::domain::card::Card;
use crate::domain::{CardSummary, Method, MethodId, MethodRequest, MethodType, TokenisedCard, Violation};
use crate::error::Error;
use crate::provider::{NO_CARDS, Provider};
use crate::store;

/// Makes a payment method of an option that is on offer. A card's number and code go to the provider and are not kept.
#[utoipa::path(
    post,
    path = "/payment-methods",
    operation_id = "createPaymentMethod",
    request_body(content = MethodRequest, example = json!({
        "provider": "test",
        "card": { "number": "4242424242424242", "expiry": "12/49", "cvc": "123", "holder": "Ada Lovelace" },
    })),
    responses(
        (status = 201, body = Method, example = json!({
            "id": "pm_3f2c8a6e5b1d4f7a9c0e2d4b6a8f1c3e", "provider": "test", "type": "card",
            "card": { "brand": "visa", "last4": "4242" },
        })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn create(
    State(app): State<App>,
    Json(MethodRequest { provider, card }): Json<MethodRequest>,
) -> Result<(StatusCode, Json<Method>), Error> {
    let now = clock::now();
    let offered = app
        .desk
        .providers
        .offered(&provider)
        .ok_or(Error::Invalid(NOT_OFFERED))?;
    let method_type = offered.method_type();
    if let Some(violation) = violation(method_type, card.as_ref(), now) {
        return Err(Error::Invalid(violation));
    }
    let token = match &card {
        Some(card) => Some(tokenise(&**offered, card).await?),
        None => None,
    };
    let method = Method {
        // Version 4, all random: who knows the id can pay with it.
        id: MethodId::new(Uuid::new_v4()),
        provider,
        method_type,
        card: card.as_ref().map(CardSummary::from),
        token,
    };
    store::payment_methods::insert(&app.desk.batch, &method, now).await?;
    Ok((StatusCode::CREATED, Json(method)))
}

const NOT_OFFERED: Violation = Violation {
    pointer: "/provider",
    detail: "This must be a provider that is on offer: see GET /payment-options.",
};

fn violation(method_type: MethodType, card: Option<&Card>, now: DateTime<Utc>) -> Option<Violation> {
    match (method_type, card) {
        (MethodType::Card, Some(card)) => card.violation(now),
        (MethodType::Card, None) => Some(Violation {
            pointer: "/card",
            detail: "This provider needs a card.",
        }),
        (_, Some(_)) => Some(NO_CARDS),
        (_, None) => None,
    }
}

async fn tokenise(provider: &dyn Provider, card: &Card) -> Result<TokenisedCard, Error> {
    provider.tokenise(card).await?.map_err(Error::Invalid)
}
