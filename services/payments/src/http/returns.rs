//! `/returns/{payment}`: where shoppers come back to from a provider's page, whether they have paid or not. The provider is
//! asked how it ended, which may be before it tells of its own accord; then the shopper is sent on to the shop.

use std::time::Duration;

use axum::extract::State;
use axum::response::Redirect;
use service::{Path, causes};
use tokio::time::timeout;
use uuid::Uuid;

use crate::App;
use crate::error::Error;
use crate::provider::Unavailable;
use crate::store::payments as store;

/// How long a shopper waits for the provider's word; it comes later, too.
const PATIENCE: Duration = Duration::from_secs(4);

/// Sends the shopper on to where the payment was asked for from.
pub async fn get(State(app): State<App>, Path(payment): Path<Uuid>) -> Result<Redirect, Error> {
    let account = store::find(&app.desk.db, payment).await?;
    let found = account.and_then(|account| Some((account.charge.return_url.clone()?, account)));
    let (url, account) = found.ok_or(Error::NotFound("page"))?;
    let look = timeout(PATIENCE, app.desk.look(account)).await;
    if let Err(error) = look.unwrap_or_else(|_| Err(Unavailable::timed_out().into())) {
        tracing::warn!(%payment, error = causes(&error), "a shopper is back, and how the payment ended is not known yet");
    }
    Ok(Redirect::to(url.as_str()))
}
