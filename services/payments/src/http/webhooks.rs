//! `/webhooks/{provider}`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use service::Path;

use crate::App;
use crate::error::Error;

/// Receives a webhook from a provider (`receiveWebhook`). The signature is verified before the body is parsed.
///
/// Answers 200 if the webhook was applied, was applied before, or does not concern a payment of ours; 400 `webhook-rejected` if
/// its signature is wrong or too old, or its body is not valid; 404 if the provider is not configured.
pub async fn create(
    State(app): State<App>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(), Error> {
    let provider = app.service.providers.find(&provider);
    let provider = provider.ok_or(Error::NotFound("provider"))?;
    app.service.receive_webhook(&**provider, &headers, &body).await
}
