//! `/quotes`: signed quotes.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use money::Money;
use serde::Serialize;
use serde_json::{Value, json};
use service::{BoxError, Json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;
use crate::domain::{Quote, QuoteRequest, QuoteRequestLine, Sku};
use crate::error::Error;
use crate::store;

/// A quote with its signed form.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedQuote {
    #[serde(flatten)]
    quote: Quote,
    /// The quote as a signed token: a compact JWS (RFC 7515) with `EdDSA`. Its payload is the quote without this field, and `exp`,
    /// the expiry in seconds since 1970. Verify it with the keys from `listKeys`.
    token: String,
}

/// The payload of the token.
#[derive(Serialize)]
struct QuoteClaims<'a> {
    #[serde(flatten)]
    quote: &'a Quote,
    exp: i64,
}

impl SignedQuote {
    fn new(quote: Quote, sign: impl FnOnce(&QuoteClaims) -> Result<String, BoxError>) -> Result<Self, Error> {
        let claims = QuoteClaims {
            quote: &quote,
            exp: quote.expires_at.timestamp(),
        };
        let token = sign(&claims).map_err(Error::Internal)?;
        Ok(Self { quote, token })
    }
}

/// Creates a signed quote. Quotes are not stored: repeating the request creates another quote.
#[utoipa::path(
    post,
    path = "/quotes",
    operation_id = "createQuote",
    request_body(content = QuoteRequest, example = json!(example_request())),
    responses(
        (status = 201, description = "The quote", body = SignedQuote, example = json!(example())),
    ),
)]
pub async fn create(
    State(app): State<App>,
    Json(request): Json<QuoteRequest>,
) -> Result<(StatusCode, Json<SignedQuote>), Error> {
    let violations = request.violations();
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let skus: Vec<Sku> = request
        .lines
        .iter()
        .map(|QuoteRequestLine { sku, .. }| sku.clone())
        .collect();
    let prices = store::prices::list(&app.db, &skus, request.currency).await?;
    let prices: BTreeMap<Sku, Money> = prices.into_iter().map(|item| (item.sku, item.price.into())).collect();
    let now = app.clock.now();
    let quote = request.quote(&prices, Uuid::now_v7(), now).map_err(Error::Invalid)?;
    Ok((
        StatusCode::CREATED,
        Json(SignedQuote::new(quote, |claims| app.keyring.sign(claims, now))?),
    ))
}

fn example_request() -> Value {
    json!({
        "currency": "EUR",
        "country": "DE",
        "shipping": "standard",
        "lines": [{ "sku": "onda-vase-sand", "quantity": 1 }],
    })
}

/// Consumers test with it: its token verifies with the documented key, and it does not expire soon.
fn example() -> Value {
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    json!({
        "id": "0197a2b4-5c00-7000-8000-000000000001",
        "expires_at": "2099-12-31T23:30:00Z",
        "currency": "EUR",
        "country": "DE",
        "shipping": { "method": "standard", "name": "Standard delivery", "price": euro(490) },
        "lines": [{ "sku": "onda-vase-sand", "quantity": 1, "unit_price": euro(4800), "total": euro(4800) }],
        "subtotal": euro(4800),
        "tax": euro(845),
        "total": euro(5290),
        "token": include_str!("quote.jws").trim_end(),
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use money::Currency;

    use super::*;
    use crate::signing::tests::rfc_8037_signer;

    #[test]
    fn documented_quote_is_signed_by_the_documented_key() {
        let request: QuoteRequest = serde_json::from_value(example_request()).unwrap();
        let prices = [(
            "onda-vase-sand".to_owned().try_into().unwrap(),
            Money::new(4800, Currency::Eur),
        )];
        let now = DateTime::parse_from_rfc3339("2099-12-31T23:00:00Z").unwrap().to_utc();
        let id = "0197a2b4-5c00-7000-8000-000000000001".parse().unwrap();
        let quote = request.quote(&prices.into(), id, now).unwrap();
        let signed = SignedQuote::new(quote, |claims| rfc_8037_signer().sign(claims)).unwrap();
        testkit::check_file("services/pricing/src/http/quote.jws", &format!("{}\n", signed.token));
        assert_eq!(serde_json::to_value(signed).unwrap(), example());
    }
}
