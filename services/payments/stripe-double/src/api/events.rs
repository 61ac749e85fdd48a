//! `/v1/events`.

use serde_json::Value;

use super::list::{LIMIT, Page, STARTING_AFTER};
use super::operation::EXPAND;
use crate::error::Refusal;
use crate::schema::{Field, Kind, optional};
use crate::store::events as store;
use crate::work::Work;

/// What a list takes.
pub const LIST: &[Field] = &[LIMIT, STARTING_AFTER, optional("type", Kind::Text(200)), EXPAND];

pub async fn find(work: &mut Work, id: &str) -> Result<Value, Refusal> {
    let event = store::find(&mut work.tx, id).await?;
    event.ok_or_else(|| Refusal::no_such("event", id))
}

pub async fn list(work: &mut Work, params: &Value) -> Result<Value, Refusal> {
    let page = Page::read(params)?;
    let after = page.starting_after.as_deref();
    if let Some(id) = after {
        let event = store::find(&mut work.tx, id).await?;
        event.ok_or_else(|| Refusal::no_such_param("event", id, "starting_after"))?;
    }
    let data = store::list(&mut work.tx, params["type"].as_str(), after, page.limit() + 1).await?;
    Ok(page.shown(data, "/v1/events"))
}
