//! `/countries`: countries that the shop delivers to.

use serde::Serialize;
use service::Json;
use utoipa::ToSchema;

use crate::domain::Country;

/// A list of countries.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountryList {
    /// The countries, ordered by name.
    items: Vec<DeliveryCountry>,
}

/// A country that the shop delivers to.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryCountry {
    /// ISO 3166-1 alpha-2 country code.
    pub code: Country,
    /// The country's name in English.
    pub name: &'static str,
}

/// Lists the countries that the shop delivers to.
#[utoipa::path(
    get,
    path = "/countries",
    operation_id = "listCountries",
    responses(
        (status = 200, description = "The countries", body = CountryList, example = json!({ "items": [
            { "code": "AT", "name": "Austria" },
            { "code": "BE", "name": "Belgium" },
            { "code": "FR", "name": "France" },
            { "code": "DE", "name": "Germany" },
            { "code": "IT", "name": "Italy" },
            { "code": "NL", "name": "Netherlands" },
            { "code": "ES", "name": "Spain" },
        ] })),
    ),
)]
pub async fn list() -> Json<CountryList> {
    let items = Country::ALL
        .map(|code| DeliveryCountry {
            code,
            name: code.name(),
        })
        .into();
    Json(CountryList { items })
}
