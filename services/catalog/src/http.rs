//! Handlers: read the request, ask the store, answer. One file a resource.

pub mod categories;
pub mod products;
pub mod shops;
pub mod stories;
pub mod variants;

use serde::Deserialize;

/// Names in a query, at most 100, joined by commas.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String", bound = "T: TryFrom<String>")]
struct List<T>(Vec<T>);

impl<T: TryFrom<String>> TryFrom<String> for List<T> {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        // What cannot be a name is one that nothing has: absent from the answer, like every unknown one.
        let names: Vec<T> = text
            .split(',')
            .filter_map(|name| name.to_owned().try_into().ok())
            .collect();
        match names.len() > 100 {
            true => Err("must be at most 100 names"),
            false => Ok(Self(names)),
        }
    }
}
