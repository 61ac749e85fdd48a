//! Paginated lists, and expanded objects.

use serde::Deserialize;
use serde_json::{Value, json};

use super::intents;
use crate::error::ApiError;
use crate::schema::{Param, ParamType, optional};
use crate::unit_of_work::UnitOfWork;

/// The number of objects on a page.
pub const LIMIT: Param = optional("limit", ParamType::Integer(1));
/// The last object of the previous page.
pub const STARTING_AFTER: Param = optional("starting_after", ParamType::Text(5000));

/// The pagination parameters of a list.
#[derive(Debug, Deserialize)]
pub struct Pagination {
    pub limit: Option<i64>,
    pub starting_after: Option<String>,
}

impl Pagination {
    pub fn read(params: &Value) -> Result<Self, ApiError> {
        let page: Self = read(params)?;
        match page.limit() {
            0..=100 => Ok(page),
            _ => Err(ApiError::invalid("This value must be less than or equal to 100.")
                .code("parameter_invalid_integer")
                .param("limit")),
        }
    }

    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(10)
    }

    /// The response. `data` has one object more than the limit if there is another page.
    pub fn to_json(&self, mut data: Vec<Value>, url: &str) -> Value {
        let limit = usize::try_from(self.limit()).unwrap_or_default();
        let has_more = data.len() > limit;
        data.truncate(limit);
        json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
    }
}

/// Parses parameters that were validated.
pub fn read<T: for<'a> Deserialize<'a>>(params: &Value) -> Result<T, ApiError> {
    T::deserialize(params).map_err(|error| ApiError::invalid(format!("Invalid request: {error}")))
}

/// Replaces ids by their objects, as the parameter `expand` asks.
pub async fn expand(work: &mut UnitOfWork, answer: &mut Value, params: &Value) -> Result<(), ApiError> {
    let paths = params["expand"].as_array().cloned().unwrap_or_default();
    for path in paths.iter().filter_map(Value::as_str) {
        let mut target = &mut *answer;
        for name in path.split('.') {
            if !matches!(name, "payment_intent" | "latest_charge") || target.get(name).is_none() {
                let message = format!("This property cannot be expanded ({path}).");
                return Err(ApiError::invalid(message).param("expand"));
            }
            put(work, target, name).await?;
            if target[name].is_null() {
                break;
            }
            target = &mut target[name];
        }
    }
    Ok(())
}

async fn put(work: &mut UnitOfWork, object: &mut Value, name: &str) -> Result<(), ApiError> {
    let intent = match name {
        "payment_intent" => &object[name],
        _ => &object["id"],
    };
    if let (Some(id), true) = (intent.as_str().map(str::to_owned), object[name].is_string()) {
        let intent = intents::find(work, &id).await?;
        object[name] = match name {
            "payment_intent" => intent.to_json(),
            _ => intent.charge(),
        };
    }
    Ok(())
}
