//! `/shipping`: shipping methods with their prices.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use service::{Json, Query};
use utoipa::{IntoParams, ToSchema};
use values::Violation;

use crate::domain::{Country, ShippingMethod};
use crate::error::Error;

/// Query parameters of `listShippingRates`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListShippingRatesQuery {
    /// ISO 3166-1 alpha-2 code of the country of delivery.
    country: Country,
    /// ISO 4217 currency code. It must be the currency of the country.
    currency: Currency,
}

/// A list of shipping rates.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShippingRateList {
    /// The rates in the order in which they should be offered.
    items: Vec<ShippingRate>,
}

/// A shipping method with its price and delivery time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShippingRate {
    /// The shipping method.
    pub method: ShippingMethod,
    /// The name of the method, for example `Standard delivery`.
    pub name: &'static str,
    /// The delivery time as text, for example `2–4 days`.
    pub days: &'static str,
    /// The price including tax.
    pub price: Money,
}

/// Lists the shipping rates for a country.
#[utoipa::path(
    get,
    path = "/shipping",
    operation_id = "listShippingRates",
    params(ListShippingRatesQuery),
    responses(
        (status = 200, description = "The shipping rates", body = ShippingRateList, example = json!({ "items": [
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
pub async fn list(Query(query): Query<ListShippingRatesQuery>) -> Result<Json<ShippingRateList>, Error> {
    let ListShippingRatesQuery { country, currency } = query;
    if currency != country.currency() {
        return Err(Violation::new("/currency", "This is not the currency of this country.").into());
    }
    let rate = |method: ShippingMethod| ShippingRate {
        method,
        name: method.name(),
        days: method.days(country),
        price: method.price(country),
    };
    Ok(Json(ShippingRateList {
        items: ShippingMethod::ALL.map(rate).into(),
    }))
}
