//! Request handlers, one file for each resource.

pub mod categories;
pub mod products;
pub mod shops;
pub mod stories;
pub mod variants;

use axum::http::StatusCode;
use serde::Deserialize;
use service::Repeated;

use crate::error::Error;

/// A query parameter with at most 100 values separated by commas. Invalid values match nothing and are dropped.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String", bound = "T: TryFrom<String>")]
struct CommaSeparated<T>(Vec<T>);

impl<T: TryFrom<String>> TryFrom<String> for CommaSeparated<T> {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let values: Vec<_> = text.split(',').map(str::to_owned).collect();
        Repeated::try_from(values).map(|Repeated(values)| Self(values))
    }
}

/// The response to a `DELETE`: 204, or 404 if the resource did not exist.
fn deleted(existed: bool, resource: &'static str) -> Result<StatusCode, Error> {
    if existed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound(resource))
    }
}
