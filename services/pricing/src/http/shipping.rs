//! `/shipping`: how goods get to people, and for how much.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use service::{Json, Query};
use utoipa::{IntoParams, ToSchema};

use crate::domain::{Country, Method, Violation};
use crate::error::Error;

/// Where to, paid how.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Destination {
    /// ISO 3166-1 code
    country: Country,
    /// ISO 4217 code
    currency: Currency,
}

/// All ways to get the goods.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rates {
    items: Vec<Rate>,
}

/// A way to get the goods.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rate {
    /// Which
    pub method: Method,
    /// That, for people
    pub name: &'static str,
    /// How long it takes
    pub days: &'static str,
    /// What it costs, tax included
    pub price: Money,
}

/// Lists the ways to get the goods in a country.
#[utoipa::path(
    get,
    path = "/shipping",
    operation_id = "listShipping",
    params(Destination),
    responses(
        (status = 200, description = "All of them", body = Rates, example = json!({ "items": [
            {
                "method": "standard",
                "name": "Standard delivery",
                "days": "2–4 days",
                "price": { "minor": 490, "currency": "EUR" },
            },
            {
                "method": "express",
                "name": "Express delivery",
                "days": "1–2 days",
                "price": { "minor": 990, "currency": "EUR" },
            },
            {
                "method": "pickup",
                "name": "Pick up in a shop",
                "days": "Ready in 1–2 days",
                "price": { "minor": 0, "currency": "EUR" },
            },
        ] })),
    ),
    extensions(("x-problems" = json!(["invalid"]))),
)]
pub async fn list(Query(Destination { country, currency }): Query<Destination>) -> Result<Json<Rates>, Error> {
    if currency != country.currency() {
        return Err(Violation::new("/currency", "This is not the currency of this country.").into());
    }
    let rate = |method: Method| Rate {
        method,
        name: method.name(),
        days: method.days(country),
        price: method.price(country),
    };
    Ok(Json(Rates {
        items: Method::ALL.map(rate).into(),
    }))
}
