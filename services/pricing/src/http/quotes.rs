//! `/quotes`

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
use crate::domain::{Enquiry, Quote, Sku, Wanted};
use crate::error::Error;
use crate::store;

/// A quote, and the same once more as its holder shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Signed {
    #[serde(flatten)]
    quote: Quote,
    /// A compact JWS over the quote, with `exp` in seconds
    token: String,
}

/// What is signed.
#[derive(Serialize)]
struct Claims<'a> {
    #[serde(flatten)]
    quote: &'a Quote,
    exp: i64,
}

impl Signed {
    fn new(quote: Quote, sign: impl FnOnce(&Claims) -> Result<String, BoxError>) -> Result<Self, Error> {
        let claims = Claims {
            quote: &quote,
            exp: quote.expires_at.timestamp(),
        };
        let token = sign(&claims).map_err(Error::Internal)?;
        Ok(Self { quote, token })
    }
}

/// Gives a quote. Nothing is stored, so that it may be asked for again and again.
#[utoipa::path(
    post,
    path = "/quotes",
    operation_id = "createQuote",
    request_body(content = Enquiry, example = json!(example_enquiry())),
    responses(
        (status = 201, description = "The quote", body = Signed, example = json!(example())),
    ),
)]
pub async fn create(State(app): State<App>, Json(enquiry): Json<Enquiry>) -> Result<(StatusCode, Json<Signed>), Error> {
    let violations = enquiry.violations();
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let skus: Vec<Sku> = enquiry.lines.iter().map(|Wanted { sku, .. }| sku.clone()).collect();
    let prices = store::prices::list(&app.db, &skus, enquiry.currency).await?;
    let prices: BTreeMap<Sku, Money> = prices.into_iter().map(|item| (item.sku, item.price.into())).collect();
    let quote = enquiry
        .quote(&prices, Uuid::now_v7(), storage::clock::now())
        .map_err(Error::Invalid)?;
    Ok((
        StatusCode::CREATED,
        Json(Signed::new(quote, |claims| app.keyring.sign(claims))?),
    ))
}

fn example_enquiry() -> Value {
    json!({
        "currency": "EUR",
        "country": "DE",
        "shipping": "standard",
        "lines": [{ "sku": "onda-vase-sand", "quantity": 1 }],
    })
}

/// Its token verifies with the documented key, and it does not expire soon: others test with it.
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
    use crate::signing::tests::known;

    #[test]
    fn the_documented_quote_is_a_true_one() {
        let enquiry: Enquiry = serde_json::from_value(example_enquiry()).unwrap();
        let prices = [(
            "onda-vase-sand".to_owned().try_into().unwrap(),
            Money::new(4800, Currency::Eur),
        )];
        let now = DateTime::parse_from_rfc3339("2099-12-31T23:00:00Z").unwrap().to_utc();
        let id = "0197a2b4-5c00-7000-8000-000000000001".parse().unwrap();
        let quote = enquiry.quote(&prices.into(), id, now).unwrap();
        let signed = Signed::new(quote, |claims| known().sign(claims)).unwrap();
        testkit::check_file("services/pricing/src/http/quote.jws", &format!("{}\n", signed.token));
        assert_eq!(serde_json::to_value(signed).unwrap(), example());
    }
}
