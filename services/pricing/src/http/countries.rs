//! `/countries`: where the shop delivers to.

use serde::Serialize;
use service::Json;
use utoipa::ToSchema;

use crate::domain::Country;

/// All countries by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Countries {
    items: Vec<Entry>,
}

/// A country.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entry {
    /// Its ISO 3166-1 code
    pub code: Country,
    /// Its name for people
    pub name: &'static str,
}

/// Lists the countries that the shop delivers to.
#[utoipa::path(
    get,
    path = "/countries",
    operation_id = "listCountries",
    responses(
        (status = 200, description = "All of them", body = Countries, example = json!({ "items": [
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
pub async fn list() -> Json<Countries> {
    let items = Country::ALL
        .map(|code| Entry {
            code,
            name: code.name(),
        })
        .into();
    Json(Countries { items })
}
