//! `/webhooks`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use service::{Context, Path, causes};
use storage::clock;

use crate::App;
use crate::desk::Desk;
use crate::domain::{Account, ProviderStatus, Update, is_name};
use crate::error::Error;
use crate::provider::{Provider, Rejected};
use crate::store::webhooks::{self as store, Effect};

/// Hears what a provider tells: 200 where it was heard, or heard before, or is nothing of ours; 400 `webhook-rejected` where
/// the signature is wrong or too old, or the body makes no sense; 404 where that provider is not set up. The signature is
/// verified before anything of the body is read.
pub async fn create(
    State(app): State<App>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(), Error> {
    let provider = app.desk.providers.find(&provider).ok_or(Error::NotFound("provider"))?;
    receive(&app.desk, &**provider, &headers, &body).await
}

/// Notes what a webhook tells, once however often it is told.
pub async fn receive(desk: &Desk, provider: &dyn Provider, headers: &HeaderMap, body: &[u8]) -> Result<(), Error> {
    let Some(event) = provider.parse_webhook(headers, body, clock::now())? else {
        return Ok(());
    };
    if !is_name(&event.id) {
        return Err(Rejected::new("its id cannot be one").into());
    }
    match store::insert(&desk.batch, provider.name(), &event, desk.moment()).await? {
        Effect::Noted(account) => {
            tracing::info!(event = event.id, "a webhook is noted");
            if is_held_in_vain(&event.updates, &account) {
                let payment = account.charge.reference;
                tracing::error!(%payment, "the provider holds money for a payment that came to nothing: let it go there");
            }
            if event.retrieve {
                retrieve(desk.clone(), *account);
            }
        }
        Effect::Known => tracing::debug!(event = event.id, "a webhook was noted before"),
        Effect::NotOurs => tracing::info!(event = event.id, "a webhook is about no payment of ours"),
    }
    Ok(())
}

/// Whether money is held that nobody will capture or void.
fn is_held_in_vain(updates: &[Update], account: &Account) -> bool {
    account.status.is_nothing()
        && account.authorised == 0
        && updates.contains(&Update::Status(ProviderStatus::Authorised))
}

/// Beside the answer: providers do not wait for long.
fn retrieve(desk: Desk, account: Account) {
    let payment = account.charge.reference;
    let look = async move {
        if let Err(error) = desk.look(account).await {
            tracing::warn!(%payment, error = causes(&error), "a payment cannot be looked up: the worker tries again");
        }
    };
    Context::current().without_deadline().spawn("look at a payment", look);
}
