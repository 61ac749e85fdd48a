//! `/webhooks`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use service::Path;
use storage::clock;

use crate::App;
use crate::desk::Desk;
use crate::domain::is_name;
use crate::error::Error;
use crate::provider::Rejected;
use crate::store::webhooks::{self as store, Effect};

/// Hears what a provider tells: 200 where it was heard, or heard before, or is nothing of ours; 400 `webhook-rejected` where
/// the signature is wrong or too old, or the body makes no sense; 404 where another provider moves the money. The signature is
/// verified before anything of the body is read.
pub async fn create(
    State(app): State<App>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(), Error> {
    if provider != app.desk.provider.slug() {
        return Err(Error::NotFound("provider"));
    }
    receive(&app.desk, &headers, &body).await
}

/// Notes what a webhook tells, once however often it is told.
pub async fn receive(desk: &Desk, headers: &HeaderMap, body: &[u8]) -> Result<(), Error> {
    let Some(notice) = desk.provider.read(headers, body, clock::now())? else {
        return Ok(());
    };
    if ![&notice.id, &notice.payment.0].into_iter().all(|name| is_name(name)) {
        return Err(Rejected("a name in the body is none").into());
    }
    let effect = store::insert(&desk.batch, desk.provider.slug(), &notice, desk.moment()).await?;
    match effect {
        Effect::Noted => tracing::info!(webhook = notice.id, "noted"),
        Effect::Known => tracing::debug!(webhook = notice.id, "known"),
        Effect::NotOurs => tracing::info!(webhook = notice.id, "of no payment of ours"),
    }
    Ok(())
}
