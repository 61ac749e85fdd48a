//! Handlers: read the request, ask the store, answer. One file a resource.

pub mod categories;
pub mod products;
pub mod shops;
pub mod stories;
pub mod variants;

use axum::http::StatusCode;
use serde::Deserialize;
use service::Repeated;

use crate::error::Error;

/// Names in a query, at most 100, joined by commas.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String", bound = "T: TryFrom<String>")]
struct List<T>(Vec<T>);

impl<T: TryFrom<String>> TryFrom<String> for List<T> {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let names: Vec<_> = text.split(',').map(str::to_owned).collect();
        Repeated::try_from(names).map(|Repeated(names)| Self(names))
    }
}

/// 204, or 404 where there was no such thing.
fn removed(was_there: bool, thing: &'static str) -> Result<StatusCode, Error> {
    if was_there {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound(thing))
    }
}
