//! `/v1/events`.

use serde_json::Value;

use super::list::{LIMIT, Pagination, STARTING_AFTER};
use super::operation::EXPAND;
use crate::error::ApiError;
use crate::schema::{Param, ParamType, optional};
use crate::store::events as store;
use crate::unit_of_work::UnitOfWork;

/// The parameters of a list.
pub const LIST: &[Param] = &[LIMIT, STARTING_AFTER, optional("type", ParamType::Text(200)), EXPAND];

pub async fn find(work: &mut UnitOfWork, id: &str) -> Result<Value, ApiError> {
    let event = store::find(&mut work.tx, id).await?;
    event.ok_or_else(|| ApiError::no_such("event", id))
}

pub async fn list(work: &mut UnitOfWork, params: &Value) -> Result<Value, ApiError> {
    let page = Pagination::read(params)?;
    let after = page.starting_after.as_deref();
    if let Some(id) = after {
        let event = store::find(&mut work.tx, id).await?;
        event.ok_or_else(|| ApiError::no_such_param("event", id, "starting_after"))?;
    }
    let data = store::list(&mut work.tx, params["type"].as_str(), after, page.limit() + 1).await?;
    Ok(page.to_json(data, "/v1/events"))
}
