//! Lists by pages, and objects within objects.

use serde::Deserialize;
use serde_json::{Value, json};

use super::intents;
use crate::error::Refusal;
use crate::schema::{Field, Kind, optional};
use crate::work::Work;

/// How many there are on a page.
pub const LIMIT: Field = optional("limit", Kind::Integer(1));
/// The last one of the page before.
pub const STARTING_AFTER: Field = optional("starting_after", Kind::Text(5000));

/// A page.
#[derive(Debug, Deserialize)]
pub struct Page {
    pub limit: Option<i64>,
    pub starting_after: Option<String>,
}

impl Page {
    pub fn read(params: &Value) -> Result<Self, Refusal> {
        let page: Self = read(params)?;
        match page.limit() {
            0..=100 => Ok(page),
            _ => Err(Refusal::invalid("This value must be less than or equal to 100.")
                .code("parameter_invalid_integer")
                .param("limit")),
        }
    }

    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(10)
    }

    /// The answer, from one more than there are on the page.
    pub fn shown(&self, mut data: Vec<Value>, url: &str) -> Value {
        let limit = usize::try_from(self.limit()).unwrap_or_default();
        let has_more = data.len() > limit;
        data.truncate(limit);
        json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
    }
}

/// Parameters that were found to be right.
pub fn read<T: for<'a> Deserialize<'a>>(params: &Value) -> Result<T, Refusal> {
    T::deserialize(params).map_err(|error| Refusal::invalid(format!("Invalid request: {error}")))
}

/// Puts objects where their names stand.
pub async fn expand(work: &mut Work, answer: &mut Value, params: &Value) -> Result<(), Refusal> {
    let paths = params["expand"].as_array().cloned().unwrap_or_default();
    for path in paths.iter().filter_map(Value::as_str) {
        let mut place = &mut *answer;
        for name in path.split('.') {
            if !matches!(name, "payment_intent" | "latest_charge") || place.get(name).is_none() {
                let message = format!("This property cannot be expanded ({path}).");
                return Err(Refusal::invalid(message).param("expand"));
            }
            put(work, place, name).await?;
            if place[name].is_null() {
                break;
            }
            place = &mut place[name];
        }
    }
    Ok(())
}

async fn put(work: &mut Work, object: &mut Value, name: &str) -> Result<(), Refusal> {
    let intent = match name {
        "payment_intent" => &object[name],
        _ => &object["id"],
    };
    if let (Some(id), true) = (intent.as_str().map(str::to_owned), object[name].is_string()) {
        let intent = intents::find(work, &id).await?;
        object[name] = match name {
            "payment_intent" => intent.shown(),
            _ => intent.charge(),
        };
    }
    Ok(())
}
