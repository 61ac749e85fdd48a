//! `/payment-methods`

use axum::extract::State;
use axum::http::StatusCode;
use service::{Json, Problem};
use storage::clock;
use uuid::Uuid;

use crate::App;
use crate::domain::MethodId;
use crate::domain::card::{Card, Method};
use crate::error::Error;
use crate::store;

/// Makes a payment method of a card. The number and the code go to the provider and are not kept.
#[utoipa::path(
    post,
    path = "/payment-methods",
    operation_id = "createPaymentMethod",
    request_body(content = Card, example = json!({
        "number": "4242424242424242", "expiry": "12/49", "cvc": "123", "holder": "Ada Lovelace",
    })),
    responses(
        (status = 201, body = Method, example = json!({
            "id": "pm_3f2c8a6e5b1d4f7a9c0e2d4b6a8f1c3e", "brand": "visa", "last4": "4242",
        })),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(State(app): State<App>, Json(card): Json<Card>) -> Result<(StatusCode, Json<Method>), Error> {
    let now = clock::now();
    if let Some(violation) = card.violation(now) {
        return Err(Error::Invalid(violation));
    }
    let kept = app.desk.provider.keep(&card).await?.map_err(Error::Invalid)?;
    // Version 4, all random: who knows the id can charge the card.
    let method = Method {
        id: MethodId::new(Uuid::new_v4()),
        brand: card.number.brand(),
        last4: card.number.last4().to_owned(),
    };
    store::payment_methods::insert(&app.desk.batch, &method, &kept, now).await?;
    Ok((StatusCode::CREATED, Json(method)))
}
