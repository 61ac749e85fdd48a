//! `/returns/{payment}`, to which shoppers return from a provider's page, whether they have paid or not. The payment's status is
//! retrieved, because the return may arrive before the webhook. Then the shopper is redirected to the shop.

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

/// How long the shopper waits for the status. A later answer is still applied.
const RETRIEVE_TIMEOUT: Duration = Duration::from_secs(4);

/// Redirects the shopper to the payment's return URL.
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Redirect, Error> {
    let payment = store::find(&app.service.db, id).await?;
    let found = payment.and_then(|payment| Some((payment.charge.return_url.clone()?, payment)));
    let (url, payment) = found.ok_or(Error::NotFound("page"))?;
    let refreshed = timeout(RETRIEVE_TIMEOUT, app.service.refresh(payment)).await;
    if let Err(error) = refreshed.unwrap_or_else(|_| Err(Unavailable::timed_out().into())) {
        tracing::warn!(payment = %id, error = causes(&error), "a shopper has returned, and the payment's status is not known yet");
    }
    Ok(Redirect::to(url.as_str()))
}
