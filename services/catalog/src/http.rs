//! Handlers: read the request, ask the store, answer. One file a resource.

pub mod categories;
pub mod products;
pub mod shops;
pub mod stories;
pub mod variants;

use axum::http::StatusCode;
use serde::Deserialize;

use crate::error::Error;

/// Names in a query, at most 100, joined by commas.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String", bound = "T: TryFrom<String>")]
struct List<T>(Vec<T>);

impl<T: TryFrom<String>> TryFrom<String> for List<T> {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        names(text.split(',').map(str::to_owned)).map(Self)
    }
}

/// Names in a query, at most 100, each a parameter of its own: they may contain commas.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<String>", bound = "T: TryFrom<String>")]
struct Repeated<T>(Vec<T>);

impl<T: TryFrom<String>> TryFrom<Vec<String>> for Repeated<T> {
    type Error = &'static str;

    fn try_from(texts: Vec<String>) -> Result<Self, &'static str> {
        names(texts.into_iter()).map(Self)
    }
}

/// What cannot be a name is one that nothing has: absent from the answer, like every unknown one.
fn names<T: TryFrom<String>>(texts: impl Iterator<Item = String>) -> Result<Vec<T>, &'static str> {
    let names: Vec<T> = texts.filter_map(|text| text.try_into().ok()).collect();
    match names.len() > 100 {
        true => Err("must be at most 100 names"),
        false => Ok(names),
    }
}

/// 204, or 404 where there was no such thing.
fn removed(was_there: bool, thing: &'static str) -> Result<StatusCode, Error> {
    match was_there {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Error::NotFound(thing)),
    }
}
